"""What is decided, handed out and taken back: requests, exports, batches."""

from __future__ import annotations

from typing import Any

from tepei_admin.cli import WrongCall
from tepei_admin.cli.printing import listed, refused, show, table
from tepei_admin.models import Batch
from tepei_admin.permissions import Actor
from tepei_admin.services import programmes, requests, scope
from tepei_admin.services.undo import undo


def requests_list(options: Any, actor: Actor) -> None:
    rows = [
        {"id": item.ref, "text": item.text, "opened_by": item.opened_by, "opened_at": item.opened_at}
        for item in requests.waiting(actor)
    ]
    listed(rows, as_json=options.json)


def requests_decide(options: Any, actor: Actor) -> None:
    ref = f"request-{options.ref}" if options.ref.isdigit() else options.ref
    outcome = requests.decide(actor, ref, yes=options.yes, reason=options.reason)
    batch = f"，批次 {outcome.batch}" if outcome.batch else ""
    print(f"{ref}：{'已同意' if options.yes else '未同意'}{batch}")


def export(options: Any, actor: Actor) -> None:
    from tepei_admin.exchange import export as exchange

    if options.list:
        return print("\n".join(exchange.names()))
    if not (options.template and options.programme and options.output):
        raise WrongCall("用法：tepei-admin export 模板 --programme 年度 -o 文件；export --list 列出模板")
    count = exchange.to_file(
        actor,
        options.template,
        programmes.find(options.programme).id,
        options.output,
        track=options.track,
        fmt=options.format,
        encoding=options.encoding,
    )
    return print(f"已导出 {count} 行：{options.output}")


def batch_list(options: Any, actor: Actor) -> None:
    rows = [
        {
            "batch": row.id,
            "verb": row.verb,
            "title": row.title,
            "at": row.at,
            "done": row.done,
            "skipped": row.skipped,
            "state": row.state,
        }
        for row in scope.visible(actor, Batch).order_by(Batch.id.desc())
    ]
    listed(rows, as_json=options.json)


def batch_undo(options: Any, actor: Actor) -> int:
    """Exit status 1 where some rows could not go back."""
    outcome = undo(actor, options.number)
    skipped = [refused(line) for line in outcome.skipped]
    if options.json:
        show({"batch": outcome.batch, "done": list(outcome.done), "skipped": skipped})
    else:
        table((f"{line['name']}：{line['text']}",) for line in skipped)
        print(f"已撤销 {len(outcome.done)} 行，未能撤销 {len(skipped)} 行")
    return 1 if skipped or not outcome.done else 0
