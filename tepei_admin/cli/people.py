"""People: import, eligibility, lists, verbs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tepei_admin.choices import Result, Status, Verdict
from tepei_admin.cli import WrongCall
from tepei_admin.cli.printing import file_bytes, refused, show, table, write_file
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import EligibilityCheck, Programme, Track, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.services import clock, eligibility, exports, programmes, scope, verbs
from tepei_admin.services.asks import ASKS, args_of
from tepei_admin.services.plan import Args, Outcome

OUTCOMES = {
    "new": "新增",
    "changed": "修改",
    "same": "无变化",
    "error": "错误",
    "skipped": "跳过",
    "hidden": "隐藏",
}


def import_(options: Any, actor: Actor) -> int:
    """Check the file and, unless it is a dry run, store it; the report tells the state before storing."""
    from tepei_admin.exchange import intake, sheet_report

    track = programmes.find_track(programmes.find(options.programme).id, options.track)
    data, unit = file_bytes(options.file), programmes.find_unit(options.unit) if options.unit else None
    made = intake.check(
        actor,
        data,
        Path(options.file).name,
        track=track,
        unit=unit,
        received=options.received or clock.today(),
        sealed=not options.unsealed,
    )
    report = sheet_report.as_json(made.report)
    report["outlook"] = [item.as_dict() for item in made.outlook()]
    stored = Outcome(None)
    if not options.dry_run and (options.accept_good or not made.errors):
        stored = intake.take_in(actor, data, made, unit, accept_good=options.accept_good)
    if options.errors_to and made.errors:
        _errors_to(options.errors_to, made)
    show(report) if options.json else tell_report(report, stored, dry=options.dry_run)
    return 1 if made.errors else 0


def tell_report(report: dict[str, Any], stored: Outcome, *, dry: bool) -> None:
    """An import's report in lines: what needs a person, the counts, what was stored."""
    levels = {"error": "错误", "warning": "提醒"}
    for message in report.get("messages", ()):
        print(f"{levels[message['level']]}：{message['text']}")
    for one in report.get("unread_sheets", ()):
        print(f"提醒：{one['text']}")
    for row in report["rows"]:
        for message in row["messages"]:
            if message["level"] in levels:
                name = row["values"].get("name", "")
                print(f"第 {row['row']} 行 {name} {levels[message['level']]}：{message['text']}")
    print("，".join(f"{OUTCOMES[key]} {count}" for key, count in report["counts"].items()))
    for item in report.get("outlook", ()):
        print(f"{item['name']}：{item['text']}")
    if stored.batch:
        print(f"已保存 {len(stored.done)} 人，批次 {stored.batch}")
    else:
        errors = report["counts"]["error"]
        print(
            "只核对，没有保存"
            if dry
            else f"有 {errors} 行错误，没有保存任何内容"
            if errors
            else "没有可保存的内容"
        )


def _errors_to(path: str, made: Any) -> None:
    """The rows with errors as a workbook of the sender's own columns."""
    from tepei_admin.exchange import error_workbook, kept

    unit = made.report.unit_line
    rows = [
        error_workbook.Failed(row.number, row.sent.cells, {}, error_workbook.errors(list(map(kept.message, row.messages))))
        for row in made.report.rows
        if row.outcome == "error"
    ]  # fmt: skip
    headings, epoch_1904 = kept.headings(made.report.headings), made.report.epoch_1904
    write_file(path, error_workbook.build(headings, rows, unit, epoch_1904=epoch_1904))


def template(options: Any, actor: Actor) -> None:
    """The blank summary table of a track."""
    from tepei_admin.exchange import blank

    track = programmes.find_track(programmes.find(options.programme).id, options.track)
    write_file(options.output, blank.build(actor, track))
    print(f"已写入 {options.output}")


def check_eligibility(options: Any, actor: Actor) -> None:
    """Computed afresh and stored, for everybody of the year."""
    programme = programmes.find(options.programme)
    query = _of_year(actor, programme).select(Trainee.id)
    if options.track:
        query = query.where(Trainee.track == programmes.find_track(programme.id, options.track).id)
    ids = [row[0] for row in query.tuples()]
    verbs.perform(actor, "check", ids, Args(clock.today()))
    checks = EligibilityCheck.select(
        Trainee.id, Trainee.name, Trainee.id_number, EligibilityCheck.result, EligibilityCheck.findings
    )
    found = list(checks.join(Trainee).where(among(Trainee.id, ids)).order_by(Trainee.id).tuples())
    if not options.json:
        return table((name, *_told(result, findings)) for _, name, _, result, findings in found)
    shown = _handed_out(actor, "eligibility", programme, len(found))
    return show([_result(number, name, shown(id_number), *rest) for number, name, id_number, *rest in found])


def _result(
    number: int, name: str, id_number: str, result: str, findings: list[dict[str, Any]]
) -> dict[str, Any]:
    keys = ("rule", "verdict", "counts", "waived", "clause", "facts")
    told = [{**{key: item[key] for key in keys}, "text": eligibility.worded(item)} for item in findings]
    return {"id": number, "name": name, "id_number": id_number, "result": result, "findings": told}


def _told(result: str, findings: list[dict[str, Any]]) -> tuple[str, str]:
    """The result, and the sentences of what stands in the way."""
    hindering = [
        item for item in findings if item["counts"] and item["verdict"] != Verdict.MET and not item["waived"]
    ]
    clauses = (f"（{item['clause']}）" if item["clause"] else "" for item in hindering)
    sentences = (eligibility.worded(item) + clause for item, clause in zip(hindering, clauses, strict=True))
    return Result(result).label, "；".join(sentences)


def trainees(options: Any, actor: Actor) -> None:
    programme = programmes.find(options.programme)
    query = _of_year(actor, programme)
    if options.status:
        query = query.where(Trainee.status == _status(options.status))
    columns = (Trainee.id, Trainee.name, Trainee.id_number, Unit.code, Track.code, Trainee.status,
               Trainee.eligibility, Trainee.eligibility_stale, Trainee.over_quota, Trainee.employer)  # fmt: skip
    query = query.select(*columns).join(Unit, on=Trainee.unit).switch(Trainee).join(Track, on=Trainee.track)
    names = ("id", "name", "id_number", "unit", "track", "status",
             "eligibility", "eligibility_stale", "over_quota", "employer")  # fmt: skip
    people = [dict(zip(names, row, strict=True)) for row in query.tuples()]
    if not options.json:
        return table(
            (row["id"], row["name"], row["unit"], row["track"], Status(row["status"]).label, row["employer"])
            for row in people
        )
    shown = _handed_out(actor, "trainees", programme, len(people))
    return show([{**row, "id_number": shown(row["id_number"])} for row in people])


def _of_year(actor: Actor, programme: Programme) -> Any:
    return scope.visible(actor, Trainee).where(Trainee.programme == programme.id).order_by(Trainee.id)


def _handed_out(actor: Actor, what: str, programme: Programme, count: int) -> Callable[[str], str]:
    """Put it on record. How an ID number is printed: whole for who may see it, else its last four."""
    masked = not actor.may(P.REVEAL)
    exports.note(
        actor,
        template=f"tepei-admin {what}",
        file_name="",
        format="json",
        filter={"programme": programme.year},
        row_count=count,
        masked=masked,
    )
    return (lambda number: "*" * 14 + number[-4:]) if masked else str


def _more(words: list[str]) -> dict[str, Any]:
    """`--set NAME=VALUE`; a host is told by its code or name."""
    given = {}
    for word in words:
        name, found, value = word.partition("=")
        if not found or name not in ASKS:
            raise WrongCall(f"--set “{word}”：应为 名称=值；可用的名称：{'、'.join(ASKS)}")
        given[name] = str(programmes.find_unit(value).id) if ASKS[name].kind in ("host", "unit") else value
    return given


def do(options: Any, actor: Actor) -> int:
    """A verb on a set, as one batch. Exit status 1 where nobody could, or where it now waits for somebody."""
    programme = programmes.find(options.programme)
    spec = verbs.spec(options.verb, Trainee)
    args = args_of(
        {
            "on": options.on,
            "reason": options.reason,
            "approval_no": options.approval_no,
            "unit": programmes.find_unit(options.unit).id if options.unit else None,
            "track": programmes.find_track(programme.id, options.track).id if options.track else None,
            **_more(options.set),
        }
    )
    ids = _chosen(options, actor, programme)
    if options.dry_run:
        plan = verbs.plan(actor, spec.name, ids, args)
        outcome = Outcome(None, tuple(line.id for line in plan.doable), plan.skipped)
    else:
        outcome = verbs.perform(actor, spec.name, ids, args)
    done = [] if outcome.requests else list(outcome.done)
    waiting = [f"request-{number}" for number in outcome.requests]
    skipped = [refused(line) for line in outcome.skipped]
    if options.json:
        show({"batch": outcome.batch, "done": done, "skipped": skipped, "requests": waiting})
    else:
        table((f"{line['name']}：{line['text']}",) for line in skipped)
        verb = "可办" if options.dry_run else "已办"
        batch = f"，批次 {outcome.batch}" if outcome.batch else ""
        print(f"{spec.label}：{verb} {len(done)} 人，跳过 {len(skipped)} 人{batch}")
        if waiting:
            print(f"待另一人核准：{'、'.join(waiting)}")
    return 1 if waiting or not done else 0


def _chosen(options: Any, actor: Actor, programme: Programme) -> list[int]:
    """The people named, or all in a status."""
    query = _of_year(actor, programme).select(Trainee.id)
    if options.all_matching:
        return [row[0] for row in query.where(Trainee.status == _status(options.all_matching)).tuples()]
    known = {row[0] for row in query.where(among(Trainee.id, options.id)).tuples()}
    missing = [str(number) for number in options.id if number not in known]
    if missing:
        params = {"ids": "、".join(missing), "year": programme.year}
        raise RuleViolation(Violation("command.unknown_person", "id", params))
    return list(dict.fromkeys(options.id))


def _status(text: str) -> str:
    """A status by its value or its label."""
    for status in Status:
        if text in (status.value, status.label):
            return status.value
    known = "、".join(f"{status.value}（{status.label}）" for status in Status)
    raise RuleViolation(Violation("command.unknown_status", "status", {"status": text, "known": known}))
