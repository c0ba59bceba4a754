"""Sentences of the command line, the server and the demo."""

MESSAGES = {
    "command.sent_before": "这张表单已经提交并办理过，这次填写的内容不同，没有再办；如需另办一笔，请重新打开页面填写",
    "command.no_file": "文件“{file}”读不出来：{why}",
    "command.no_database": "数据库打不开：{why}；请检查 TEPEI_DATABASE_URL 和 TEPEI_DATA_DIR",
    "command.no_driver": "连接 PostgreSQL 的驱动没有装上；请安装 tepei-admin[postgres]",
    "command.migrations_pending": "数据库需要升级，请先运行 tepei-admin init",
    "command.not_demo": "TEPEI_TODAY 只能用于 demo 填充的数据库",
    "command.unknown_status": "没有状态“{status}”；可用：{known}",
    "command.unknown_person": "{year} 年度没有编号为 {ids} 的学员，或您无权查看",
    "command.unknown_region": "行政区划中没有代码“{region}”",
    "quota.no_header": "“{file}”中没有名额表的表头：应有“单位”一列，右边每个类别一列（{tracks}）",
    "quota.not_number": "第 {row} 行 {unit} 的{track}名额“{value}”不是整数；未分配请留空",
    "quota.twice": "第 {row} 行：“{unit}”在表中出现了两次，没有保存任何内容",
    "serve.base_url_needed": "监听 {host} 会让其他机器也能访问，须先设置 TEPEI_BASE_URL（如 https://tepei.example.cn）",
    "serve.cannot_listen": "{host}:{port} 不能监听：{why}",
    "serve.no_workers": "此系统只能用一个进程（--workers 1）",
    "serve.workers_die": "服务进程一启动就退出，已停止；原因见上文",
    "demo.not_empty": "数据库里已经有人员，demo 只填充没有人员的数据库",
    "demo.accounts_taken": "数据库里已经有账号 {names}，demo 只填充没有这些账号的数据库",
}
