"""A large file at work: the page that shows how far it has come and looks again by itself, without scripts."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from tepei_admin.exchange import jobs
from tepei_admin.exchange.jobs import Job
from tepei_admin.messages import word
from tepei_admin.permissions import P
from tepei_admin.views import intake, mending, preview
from tepei_admin.views.rights import actor, needs

pages = Blueprint("jobs", __name__)
EVERY = 2
"""Seconds between two looks."""
LEADS_TO: dict[str, Callable[[Job], ResponseReturnValue]] = {
    "check": intake.checked,
    "columns": mending.named,
    "store": preview.stored,
}


@pages.get("/import/jobs/<number>")
@needs(P.ENTER)
def show(number: str) -> ResponseReturnValue:
    """How far it is; once it has ended, the page that it led to."""
    job = jobs.look(current_app.config["TEPEI"], actor(), number)
    if job.ended or job.lost:
        return LEADS_TO[job.kind](job)
    page = render_template("intake/job.html", job=job, steps=_steps(job))
    return page, 200, {"Refresh": str(EVERY)}


def _steps(job: Job) -> list[tuple[str, str]]:
    """(what is done, past | now | later) in order."""
    steps = jobs.STEPS[job.kind]
    now = steps.index(job.step) if job.step in steps else -1
    return [
        (word(f"import.job.{step}"), "past" if at < now else "now" if at == now else "later")
        for at, step in enumerate(steps)
    ]
