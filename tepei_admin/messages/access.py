"""Sentences about rights, sign-in and finding things."""

MESSAGES = {
    "access.no_right": "您的角色（{role}）没有办理此事的权限，请联系管理员",
    "access.system_cannot_decide": "命令行自身只能提出、不能核准；请用 --as 指定核准人",
    "access.same_person": "不能核准自己提出的事项，请由另一位核准",
    "access.not_found": "没有找到所要的记录，或您无权查看",
    "access.unit_required": "单位经办账号必须指定单位",
    "access.user_exists": "用户名“{username}”已经存在",
    "access.unknown_user": "没有用户“{username}”",
    "access.wrong_password": "用户名或密码不正确",
    "access.locked": "连续输错密码，账号已锁定，请 {minutes} 分钟后再试，或请管理员解锁",
    "access.weak_password": "密码太短或太常见，请至少用 {length} 个字符，不用常见密码",
    "access.disabled": "账号“{username}”已停用",
    "access.wrong_old_password": "原密码不正确",
    "access.not_initialised": "数据库尚未建立，请先运行 tepei-admin init",
    "access.only_demo": "数据库尚未建立，请先运行 tepei-admin init；要操作演示数据，请设 TEPEI_DATABASE_URL={url}",
    "access.busy": "正在导入，请稍后再试",
    "access.disk_full": "磁盘已满或不能写入，没有保存；请管理员清理磁盘后再试",
    "access.unreachable": "数据库暂时连不上，没有保存，请稍后再试",
    "access.unsure": "保存时与数据库的连接中断，不能确定是否已经保存；请先打开记录看一看，再决定是否重做",
    "access.system_user": "“{username}”是系统自用账号，不能登录，也不能修改",
}
