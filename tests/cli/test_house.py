"""init, demo, doctor, audit; what the command line does before there is a house, and when something breaks."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from tepei_admin import database
from tepei_admin.cli import doctor as clinic
from tepei_admin.cli import main
from tepei_admin.database import db
from tepei_admin.models import Programme, Trainee, Unit, User
from tests import postgres

START = "import sys; from tepei_admin.cli import main; sys.exit(main())"


@pytest.fixture
def bare(tmp_path, monkeypatch, capsys):
    """No house at all: `bare("init")` gives (status, output, errors)."""
    if db.obj is not None and not db.is_closed():
        db.close()
    monkeypatch.setenv("TEPEI_DATA_DIR", str(tmp_path / "var"))

    def call(*words: str) -> tuple[int, str, str]:
        status = main(list(words))
        return (status, *capsys.readouterr())

    yield call
    if db.obj is not None and not db.is_closed():
        db.close()


def test_init_makes_a_house_and_may_run_again(bare, tmp_path):
    assert bare("init", "--no-input")[0] == 0
    assert bare("init", "--no-input")[:2] == (0, "数据库已是最新\n")
    path = tmp_path / "var" / "tepei.sqlite3"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    status, out, _ = bare("unit", "list")
    assert status == 0 and len(out.splitlines()) == 15


def test_init_asks_for_the_first_administrator(bare, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "zhang")
    monkeypatch.setattr("getpass.getpass", lambda _: "draw-water-9")
    status, out, _ = bare("init")
    assert status == 0 and "zhang" in out
    assert bare("init")[1] == "数据库已是最新\n"  # asks once


def test_init_without_a_terminal_says_how_to_add_one(bare):
    status, out, _ = bare("init")
    assert status == 0 and "user add" in out


@pytest.mark.parametrize(
    "words", [["trainees", "--programme", "2019"], ["unit", "list"], ["audit", "verify"]]
)
def test_before_init_everything_is_refused_and_no_file_is_made(bare, tmp_path, words):
    status, out, err = bare(*words)
    assert (status, out) == (1, "") and "tepei-admin init" in err
    assert not (tmp_path / "var").exists()


def test_a_house_that_is_not_up_to_date_is_refused(bare, tmp_path):
    (tmp_path / "var").mkdir()
    sqlite3.connect(tmp_path / "var" / "tepei.sqlite3").execute("CREATE TABLE t (x)").connection.close()
    status, _, err = bare("unit", "list")
    assert status == 1 and "需要升级" in err


def test_a_file_that_is_no_database_is_refused_in_one_line(bare, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "tepei.sqlite3").write_bytes(b"nonsense " * 1000)
    for words in (["unit", "list"], ["init", "--no-input"], ["demo"]):
        status, out, err = bare(*words)
        assert (status, out) == (1, "") and err.startswith("数据库打不开") and err.count("\n") == 1
    status, out, _ = bare("doctor")
    assert status == 1 and "不能读取" in out


def test_beside_a_demo_alone_it_is_said_how_to_address_that(bare, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo.sqlite3").touch()
    told = f"TEPEI_DATABASE_URL=sqlite:///{tmp_path / 'var' / 'demo.sqlite3'}"
    assert told in bare("backup")[2] and told in bare("doctor")[1]


def test_a_backup_that_is_not_there_is_told_so(bare, tmp_path):
    status, _, err = bare("restore", "nosuch.zip", "--into", str(tmp_path / "new"))
    assert status == 1 and "没有“nosuch.zip”这个文件" in err


def test_a_server_that_is_not_there_is_refused_in_one_line(bare, monkeypatch):
    monkeypatch.setenv("TEPEI_DATABASE_URL", "postgresql://127.0.0.1:1/nobody")
    status, _, err = bare("unit", "list")
    assert status == 1 and err.startswith("数据库打不开") and err.count("\n") == 1


def test_postgresql_without_its_driver_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['psycopg'] = sys.modules['psycopg2'] = None; " + START[len("import sys; ") :]
    )
    env = {
        **os.environ,
        "TEPEI_DATABASE_URL": "postgresql://127.0.0.1:1/nobody",
        "TEPEI_DATA_DIR": str(tmp_path),
    }
    words = [sys.executable, "-c", code, "unit", "list"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "tepei-admin[postgres]" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("TEPEI_DATABASE_URL", "mysql://x"), ("TEPEI_IDLE_MINUTES", "soon"), ("TEPEI_CONFIG", "/no/such")],
)
def test_a_wrong_setting_is_a_wrong_call(bare, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    status, out, err = bare("unit", "list")
    assert (status, out) == (2, "") and name in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "缺少参数"),
        (["fly"], "没有 'fly'；可用"),
        (["trainees"], "缺少参数：--programme"),
        (["trainees", "--programme", "soon"], "--programme：“soon”不是年度"),
        (["do", "recommend", "--programme", "2019"], "须给出其中之一：--id --all-matching"),
        (["do", "recommend", "--programme", "2019", "--id", "1", "--on", "30.3."], "“30.3.”不是日期"),
        (["do", "recommend", "--programme", "2019", "--id", "99999999999"], "不是编号"),
        (["demo", "--whole-year"], "不认识的参数：--whole-year"),
        (["demo", "--full-year", "--people", "3"], "不能与"),
        (["demo", "--people", "0"], "不是人数"),
        (["requests", "decide", "request-1"], "须给出其中之一：--yes --no"),
        (["quota", "set", "--programme", "2019", "--track", "outside", "--unit", "150400", "--places", "-3"], "--places"),
        (["unit", "list", "\udcff"], "不是 UTF-8"),
        (["serve", "--port", "0x1"], "不是端口"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_told_in_chinese_with_status_2(bare, words, told):
    status, out, err = bare(*words)
    assert (status, out) == (2, "") and told in err


def test_a_wrong_demo_option_names_what_there_is(bare):
    assert "--people N" in bare("demo", "--whole-year")[2]


def test_an_unforeseen_error_shows_a_number_that_the_log_has(quick, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("tepei_admin.cli.office.unit_list", broken)
    ran = quick("unit", "list")
    assert (ran.status, ran.out) == (1, "") and "Traceback" not in ran.err
    number = ran.err.split("编号 ")[1][:8]
    log = (quick.folder / "var" / "tepei.log").read_text()
    assert number in log and "ZeroDivisionError: ours" in log


def test_demo_fills_and_prints_accounts(quick):
    ran = quick("demo")
    assert ran.status == 0 and "demo-2019-" in ran.out and "虚构" in ran.out and "2019-12-27" in ran.out
    assert Trainee.select().count() > 110 and User.select().where(User.username == "approver").exists()
    again = quick("demo")
    assert (again.status, again.out) == (1, "") and "已经有人员" in again.err


def test_demo_of_the_full_year_is_as_the_check_figures(quick):
    assert "演示日为 2020-12-31" in quick("demo", "--full-year").out
    shown = json.loads(quick("programme", "show", "2019", "--json").out)
    assert shown["statuses"]["certified"] == shown["certificates"] == 80
    assert shown["money"]["tuition"] == {"draft": "0.00", "approved": "0.00", "paid": "1960000.00"}
    assert shown["money"]["stipend"] == {"draft": "0.00", "approved": "0.00", "paid": "480000.00"}
    assert [(track["taken"], track["places"]) for track in shown["tracks"]] == [(40, 40), (40, 40)]


def test_demo_of_many(quick):
    assert quick("demo", "--people", "30").status == 0
    assert Trainee.select().count() == 30


def test_the_demos_day_is_today_and_may_be_moved_only_there(quick, monkeypatch):
    monkeypatch.setenv("TEPEI_TODAY", "2019-12-30")
    ran = quick("unit", "list")
    assert ran.status == 2 and "TEPEI_TODAY" in ran.err
    monkeypatch.delenv("TEPEI_TODAY")
    quick("demo", "--people", "3")
    monkeypatch.setenv("TEPEI_TODAY", "2019-12-30")
    assert quick("do", "attest", "--programme", "2019", "--id", "1", "--reason", "补证明").status == 0
    assert str(Trainee.get_by_id(1).attested_on) == "2019-12-30"


def test_audit_verify_and_a_head_that_is_gone(run):
    run.house.trainee()
    (run.folder / "var").mkdir(mode=0o700)
    ran = run("audit", "verify")
    assert ran.status == 1 and "audit.head 不见了" in ran.out and "tepei-admin audit renew" in ran.out
    assert any("不见了" in text for text in run("doctor", "--json").json["findings"])
    assert run("audit", "renew").status == 0
    assert run("audit", "verify").status == 0
    assert run("audit", "renew").status == 1, "there is one"


def test_audit_verify_finds_a_forged_row(quick):
    with db.obj.unguarded():
        db.execute_sql("DROP TRIGGER audit_no_update")
        db.execute_sql("UPDATE audit_entry SET label = 'x' WHERE id = 7")
    ran = quick("audit", "verify")
    assert ran.status == 1 and "第 7 行" in ran.out
    ran = quick("doctor", "--json")
    assert ran.status == 1 and any("第 7 行" in text for text in ran.json["findings"])
    ran = quick("backup")
    assert ran.status == 1 and "第 7 行" in ran.out and "较早的备份不要删除" in ran.out


def test_doctor_finds_nothing_in_a_sound_house(run, monkeypatch):
    monkeypatch.setenv("TEPEI_PG_BIN", str(postgres.programs()))
    run.house.actor("admin")
    run.house.trainee()
    (run.folder / "var").mkdir(mode=0o700)
    assert run("audit", "renew").status == 0  # the house is a copy, which came without its head
    assert "还没有备份过" in run("doctor").out
    assert run("backup").status == 0
    if not db.obj.postgres:
        os.chmod(db.obj.database, 0o600)
    ran = run("doctor", "--json")
    assert (ran.status, ran.json["findings"]) == (0, []) and ran.json["counts"]["学员"] == 1


def test_doctor_says_what_to_put_right(quick):
    var = quick.folder / "var"
    var.mkdir(mode=0o755)
    (var / "secret.key").write_text("k" * 40)
    os.chmod(var / "secret.key", 0o644)
    found = "\n".join(quick("doctor", "--json").json["findings"])
    assert "secret.key" in found and "没有能登录的管理员" in found and f"chmod o-rwx {var}" in found


def test_help_needs_no_database_and_loads_none(tmp_path):
    code = "import sys; from tepei_admin.cli import main; s = main(['--help']); assert 'peewee' not in sys.modules; sys.exit(s)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("用法：") and done.stderr == ""


def test_psycopg_is_not_loaded_for_sqlite(sqlite_url, tmp_path):
    code = "import sys; from tepei_admin.cli import main; main(['unit', 'list']); assert not sys.modules.get('psycopg')"
    env = {**os.environ, "TEPEI_DATABASE_URL": sqlite_url, "TEPEI_DATA_DIR": str(tmp_path / "var")}
    assert (
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False).returncode
        == 0
    )


def test_a_process_of_its_own_speaks_utf8_and_stops_quietly_at_a_closed_pipe(sqlite_url, tmp_path):
    env = {**os.environ, "TEPEI_DATABASE_URL": sqlite_url, "LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", START, "unit", "list"], env=env, capture_output=True, check=False
    )
    assert done.returncode == 0 and "赤峰市" in done.stdout.decode()
    shell = f'"{sys.executable}" -c "{START}" unit list | true'
    assert subprocess.run(shell, shell=True, env=env, capture_output=True, check=False).stderr == b""


def test_the_seed_is_there_for_everybody(quick):
    assert Programme.select().count() == 1 and Unit.select().count() == 15


@pytest.mark.parametrize(
    ("version", "has"),
    [((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 45, 0), True), ((3, 50, 6), True),
     ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 0), False)],
)  # fmt: skip
def test_which_versions_of_sqlite_have_the_fault_in_their_log(version, has):
    assert clinic.loses_log(version) is has


def test_doctor_says_which_database_it_is_and_minds_the_fault_only_where_nothing_can_be_locked(
    quick, monkeypatch
):
    (quick.folder / "var").mkdir(mode=0o700)
    assert quick("doctor", "--json").json["database"].startswith("SQLite 3.")
    monkeypatch.setattr(clinic, "loses_log", lambda version: True)
    assert "日志有缺陷" not in quick("doctor").out
    monkeypatch.setattr(database, "fcntl", None)
    assert "日志有缺陷" in quick("doctor").out


def test_files_that_no_row_speaks_of_are_named_and_cleared(run, tmp_path):
    from tepei_admin.services import vault

    run("audit", "verify")  # the first call says where files are kept
    folder = vault.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "abc").write_bytes(b"x")
    os.utime(folder / "abc", (0, 0))
    assert "tepei-admin files clear" in run("doctor").out
    assert "已清理 1 个文件" in run("files", "clear").out and list(folder.iterdir()) == []
    assert "没有可清理" in run("files", "clear").out
