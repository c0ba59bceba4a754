"""What the panel does not start with (safety A12): each finding is one line that says what to do. `doctor` lists them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tepei_admin.config import Config, ConfigError, sqlite_file

NETWORK = frozenset(
    ["nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "virtiofs", "drvfs", "vboxsf", "prl_fs",
     "vmhgfs", "fuse.vmhgfs-fuse", "ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs", "lustre", "beegfs", "gpfs", "gfs2",
     "ocfs2", "orangefs", "pvfs2", "davfs", "fuse.davfs2", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse",
     "fuse.juicefs", "fuse.curlftpfs", "fuse.smbnetfs", "fuse.gvfsd-fuse", "fuse.grpcfuse", "osxfs", "fuse.osxfs"]
)  # fmt: skip
"""File systems of other machines, or of the machine around this one, whose locks SQLite cannot rely on."""
OF_THE_HOST = frozenset(["9p", "virtiofs"])
"""Also what a sandbox (gVisor, Kata) has for its own root, where nobody else is."""
MOUNTS = Path("/proc/self/mountinfo")


def findings(config: Config, mounts: Path = MOUNTS) -> Iterator[str]:
    """Why this house must not be opened as it is."""
    if os.environ.get("FLASK_DEBUG", "0").lower() not in ("", "0", "false", "no"):
        yield "FLASK_DEBUG 已打开，出错页会让访问者执行程序；请去掉这个环境变量"
    try:
        if config.secret_key or (config.data_dir / "secret.key").exists():
            config.secret()
    except (ConfigError, OSError) as error:
        yield str(error)
    path = sqlite_file(config.database_url)
    if path is not None:
        if os.name == "posix" and path.exists() and path.stat().st_mode & 0o007:
            yield f"数据库 {path} 能被其他用户读取，请运行 chmod o-rwx {path}"
        kind = file_system(path, mounts)
        if kind in NETWORK:
            yield f"数据库 {path} 在网络文件系统（{kind}）上，SQLite 在那里会损坏；请放到本机磁盘，或改用 PostgreSQL"


def refuse(config: Config) -> None:
    """At start. Raises `ConfigError` with the first finding."""
    for finding in findings(config):
        raise ConfigError(finding)


def file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that a path is on, by the longest mount point; '' where nobody can tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    where, best, kind = os.path.realpath(path), "", ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = left.split(" ")[4].replace("\\040", " ") if left.count(" ") >= 4 else ""
        within = point and (where == point or where.startswith(point.rstrip("/") + "/"))
        if within and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return "" if best == "/" and kind in OF_THE_HOST else kind
