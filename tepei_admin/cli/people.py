"""People: import, eligibility, verbs, requests, exports, batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tepei_admin.choices import Status
from tepei_admin.cli.office import file_bytes
from tepei_admin.cli.printing import show, table
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.models import Batch, EligibilityCheck, Programme, Track, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.services import batch, clock, eligibility, exports, programmes, requests, scope, verbs
from tepei_admin.services.plan import Args, Line


def import_(options: Any, actor: Actor) -> int:
    """Check the file, store it unless it is a dry run; the report is that of the state before storing."""
    from tepei_admin.exchange import intake, sheet_report

    track = programmes.find_track(programmes.find(options.programme).id, options.track)
    unit = programmes.find_unit(options.unit) if options.unit else None
    made = intake.check(
        actor, file_bytes(options.file), Path(options.file).name, track=track, unit=unit,
        received=options.received or clock.today(), sealed=not options.unsealed,
    )  # fmt: skip
    report = sheet_report.as_json(made.report)
    stored = None
    if not options.dry_run and (options.accept_good or not made.errors):
        stored = intake.store(actor, made, accept_good=options.accept_good).batch
    if options.json:
        show(report)
    else:
        _tell(report, stored)
    return 1 if made.errors else 0


def _tell(report: dict[str, Any], stored: int | None) -> None:
    for row in report["rows"]:
        for message in row["messages"]:
            if message["level"] != "notice":
                name = row["values"].get("name", "")
                print(f"第 {row['row']} 行 {name}：{message['text']}")
    labels = {"new": "新增", "changed": "变更", "same": "无变化", "error": "错误", "skipped": "跳过", "hidden": "隐藏"}
    print("，".join(f"{labels[key]} {count}" for key, count in report["counts"].items()))
    print(f"已保存为批次 {stored}" if stored else "没有保存任何内容")


def check_eligibility(options: Any, actor: Actor) -> None:
    programme = programmes.find(options.programme)
    query = scope.visible(actor, Trainee).select(Trainee.id).where(Trainee.programme == programme.id)
    if options.track:
        query = query.where(Trainee.track == programmes.find_track(programme.id, options.track).id)
    ids = [row[0] for row in query.tuples()]
    if ids:
        verbs.perform(actor, "check", ids, Args(clock.today()))
    shown = _logged(actor, "eligibility", len(ids))
    checks = EligibilityCheck.select(
        Trainee.id, Trainee.name, Trainee.id_number, EligibilityCheck.result, EligibilityCheck.findings
    ).join(Trainee)
    found = [row for row in checks.where(Trainee.programme == programme.id).order_by(Trainee.id).tuples() if row[0] in set(ids)]
    if options.json:
        return show([_result(number, name, shown(id_), *rest) for number, name, id_, *rest in found])
    return table((name, *_told(result, findings)) for _, name, _, result, findings in found)


def _logged(actor: Actor, what: str, count: int) -> Callable[[str], str]:
    """Put the hand-out on record; how an ID number is printed: whole for those who may see it."""
    masked = not actor.may(P.REVEAL)
    exports.note(actor, template=what, file_name="", format="json", filter={}, row_count=count, masked=masked)
    return (lambda number: f"尾号 {number[-4:]}") if masked else str


def _told(result: str, findings: list[dict[str, Any]]) -> tuple[str, str]:
    from tepei_admin.choices import Result

    open_ones = [item for item in findings if item["counts"] and item["verdict"] != "met" and not item["waived"]]
    return Result(result).label, "；".join(f"{eligibility.worded(item)}（{item['clause']}）" for item in open_ones)


def _result(number: int, name: str, id_number: str, result: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    keys = ("rule", "verdict", "counts", "clause", "facts", "waived")
    told = [{key: item[key] for key in keys} | {"text": eligibility.worded(item)} for item in findings]
    return {"id": number, "name": name, "id_number": id_number, "result": result, "findings": told}


def trainees(options: Any, actor: Actor) -> None:
    programme = programmes.find(options.programme)
    query = scope.visible(actor, Trainee).where(Trainee.programme == programme.id).order_by(Trainee.id)
    if options.status:
        query = query.where(Trainee.status == _status(options.status))
    rows = list(query)
    shown = _logged(actor, "trainees", len(rows))
    labels = dict(Track.select(Track.id, Track.code).tuples())
    codes = {row.id: row.code for row in Unit.select()}
    people = [
        {
            "id": row.id, "name": row.name, "id_number": shown(row.id_number), "unit": codes[row.unit_id],
            "track": labels[row.track_id], "status": row.status, "eligibility": row.eligibility,
            "eligibility_stale": row.eligibility_stale,
        }
        for row in rows
    ]  # fmt: skip
    if options.json:
        return show(people)
    return table((row["id"], row["name"], row["unit"], row["track"], Status(row["status"]).label) for row in people)


def _status(text: str) -> str:
    for status in Status:
        if text in (status.value, status.label):
            return status.value
    known = "、".join(f"{status.value}（{status.label}）" for status in Status)
    raise RuleViolation(Violation("verb.unknown_status", params={"status": text, "known": known}))


def do(options: Any, actor: Actor) -> int:
    """A verb on people as one batch; refused for every row, or now waiting: exit status 1."""
    programme = programmes.find(options.programme)
    args = Args(
        on=options.on or clock.today(),
        reason=options.reason,
        approval_no=options.approval_no,
        unit=programmes.find_unit(options.unit).id if options.unit else None,
        track=programmes.find_track(programme.id, options.track).id if options.track else None,
    )
    ids = _chosen(options, actor, programme)
    if options.dry_run:
        made = verbs.plan(actor, options.verb, ids, args)
        done, skipped, number, waiting = [line.id for line in made.doable], made.skipped, None, ()
    else:
        outcome = verbs.perform(actor, options.verb, ids, args)
        done, skipped, number, waiting = list(outcome.done), outcome.skipped, outcome.batch, outcome.requests
    if options.json:
        show({"batch": number, "done": done, "skipped": [_line(line) for line in skipped], "requests": list(waiting)})
    else:
        for line in skipped:
            print(f"{line.name}：{say(line.refused) if line.refused else ''}")
        print(f"已办 {len(done)} 人，跳过 {len(skipped)} 人" + (f"，批次 {number}" if number else ""))
    return 1 if waiting or not done else 0


def _chosen(options: Any, actor: Actor, programme: Programme) -> list[int]:
    query = scope.visible(actor, Trainee).select(Trainee.id).where(Trainee.programme == programme.id)
    if options.all_matching:
        return [row[0] for row in query.where(Trainee.status == _status(options.all_matching)).tuples()]
    known = {row[0] for row in query.tuples()}
    missing = [str(number) for number in options.id if number not in known]
    if missing:
        raise RuleViolation(Violation("verb.unknown_person", params={"ids": "、".join(missing), "year": programme.year}))
    return list(options.id)


def _line(line: Line) -> dict[str, Any]:
    refused = line.refused
    return {
        "id": line.id, "name": line.name, "code": refused.code if refused else "", "text": say(refused) if refused else "",
    }  # fmt: skip


def requests_list(options: Any, actor: Actor) -> None:
    rows = [
        {"id": item.ref, "text": item.text, "opened_by": item.opened_by, "opened_at": item.opened_at}
        for item in requests.waiting(actor)
    ]
    show(rows) if options.json else table(row.values() for row in rows)


def requests_decide(options: Any, actor: Actor) -> None:
    requests.decide(actor, options.ref, yes=options.yes, reason=options.reason)


def export(options: Any, actor: Actor) -> int:
    from tepei_admin.cli.doors import WrongCall
    from tepei_admin.exchange import export as exchange

    if options.list:
        print("\n".join(exchange.names()))
        return 0
    if not (options.template and options.programme and options.output):
        raise WrongCall("用法：tepei-admin export 模板 --programme 年度 -o 文件；export --list 列出模板")
    count = exchange.to_file(
        actor, options.template, programmes.find(options.programme).id, options.output,
        track=options.track, fmt=options.format, encoding=options.encoding,
    )  # fmt: skip
    print(f"已导出 {count} 行：{options.output}")
    return 0


def batch_list(options: Any, actor: Actor) -> None:
    rows = [
        {"batch": row.id, "verb": row.verb, "title": row.title, "at": row.at, "done": row.done, "state": row.state}
        for row in scope.visible(actor, Batch).order_by(Batch.id.desc())
    ]
    show(rows) if options.json else table(row.values() for row in rows)


def batch_undo(options: Any, actor: Actor) -> int:
    """Exit status 1 where some rows could not go back."""
    outcome = batch.undo(actor, options.number)
    if options.json:
        show({"batch": outcome.batch, "done": list(outcome.done), "skipped": [_line(line) for line in outcome.skipped]})
    else:
        for line in outcome.skipped:
            print(f"{line.name}：{say(line.refused) if line.refused else ''}")
        print(f"已撤销 {len(outcome.done)} 行，未能撤销 {len(outcome.skipped)} 行")
    return 1 if outcome.skipped or not outcome.done else 0
