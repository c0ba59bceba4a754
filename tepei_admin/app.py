"""create_app: the panel, one step a line."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request, session
from werkzeug.middleware.proxy_fix import ProxyFix

from tepei_admin import logs, safeguards
from tepei_admin.config import Config, ConfigError

LANGUAGES = ("zh_Hans_CN", "en")
LARGEST_UPLOAD = 32 * 1024 * 1024
POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

log = logging.getLogger("tepei_admin")


def create_app(config: Config | None = None) -> Flask:
    """The panel over the database of `config` (default: from the environment)."""
    logs.install()
    config = config or Config.from_env()
    safeguards.refuse(config)
    config.quick_driver()
    app = Flask("tepei_admin")
    move_in(app, config)
    _connections(app)
    _origin(app, config)
    _accounts(app)
    _forms(app)
    _language(app)
    _errors(app)
    _headers(app)
    _layout(app)
    _pages(app)
    _resources(app)
    _declared(app)
    return app


def move_in(app: Flask, config: Config) -> None:
    """All that depends on the house: its settings, its database, its files. The tests move one panel about."""
    _settings(app, config)
    _database(config)


def _settings(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret(),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        PERMANENT_SESSION_LIFETIME=dt.timedelta(minutes=config.idle_minutes),
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
        SESSION_COOKIE_NAME="tepei",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(config.base_url or "").startswith("https:"),
        TEPEI=config,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _database(config: Config) -> None:
    from tepei_admin.database import open_database
    from tepei_admin.services import clock, surroundings

    open_database(config.database_url)
    if config.today and not clock.demo_day():
        raise ConfigError("TEPEI_TODAY 只能用于 demo 生成的数据库")
    surroundings.settle(config)


def _connections(app: Flask) -> None:
    """One connection a thread, kept; a request that leaves a transaction open is a bug, told and mended."""
    from tepei_admin.database import db

    @app.teardown_appcontext
    def _tidy(_error: BaseException | None) -> None:
        if db.is_closed():
            return
        if db.obj.in_transaction():
            log.error("a request left a transaction open: rolled back")
            db.obj.rollback()
        if getattr(db.obj.connection(), "closed", False):
            db.obj.close()  # PostgreSQL went away; the next request connects anew


def _origin(app: Flask, config: Config) -> None:
    """Only our own host, only our own forms, redirects only within the house."""
    from tepei_admin.views import origin, paths

    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies
        )
    ours = urlsplit(config.base_url).hostname if config.base_url else None
    app.config["TRUSTED_HOSTS"] = [ours] if ours else ["127.0.0.1", "localhost"]
    app.before_request(origin.check)
    app.after_request(paths.stay_home)


def _accounts(app: Flask) -> None:
    from tepei_admin.views import account, doors

    app.session_interface = account.Sessions()
    account.login.init_app(app)
    app.before_request(doors.check)


def _forms(app: Flask) -> None:
    """A token in every form. It lives as long as the session; the Referer that HTTPS would ask for is never sent."""
    from flask_wtf.csrf import CSRFProtect

    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    CSRFProtect(app)


def _language(app: Flask) -> None:
    """Chinese; Flask-Admin's own pages cannot even be drawn without Babel. English: `session["language"]`."""
    from flask_babel import Babel

    def chosen() -> str:
        language = session.get("language")
        return language if language in LANGUAGES else LANGUAGES[0]

    Babel(app, default_locale=LANGUAGES[0], default_timezone="Asia/Shanghai", locale_selector=chosen)


def _errors(app: Flask) -> None:
    from tepei_admin.views import errors

    errors.install(app)


def _headers(app: Flask) -> None:
    @app.after_request
    def _guard(response: Response) -> Response:
        response.headers.update(POLICY)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _layout(app: Flask) -> None:
    from tepei_admin.views import layout, sent

    folder = Path(app.static_folder or "")
    app.config["ASSETS"] = {
        path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"
        for path in folder.iterdir()
        if path.is_file()
    }
    app.context_processor(layout.values)
    app.jinja_env.globals.update(asset=app.config["ASSETS"].__getitem__, form_key=sent.form_key)


def _pages(app: Flask) -> None:
    from tepei_admin.views import PAGES

    for blueprint in PAGES:
        app.register_blueprint(blueprint)


def _resources(app: Flask) -> None:
    from tepei_admin.views import RESOURCES
    from tepei_admin.views.resource import mount

    mount(app, RESOURCES)


def _declared(app: Flask) -> None:
    from tepei_admin.views import doors

    doors.install(app)
