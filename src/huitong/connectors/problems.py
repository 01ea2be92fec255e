"""Every way a connection fails, by name: what happened, who acts, what to do. Pages and logs
show these, never a driver's text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One named failure. ``again`` = trying later may help without anyone doing anything."""

    cause: str
    who: str
    remedy: str
    again: bool = False


DBA, NETWORK, PLATFORM = "数据库管理员", "网络管理员", "平台运维员"

FAULTS: dict[str, Fault] = {
    # the address
    "address_invalid": Fault(
        "地址书写不规范", "登记人", "请填写域名或标准写法的 IP 地址，不要带协议、路径、账号或空格。"
    ),
    "address_refused": Fault(
        "平台不允许连接该地址",
        PLATFORM,
        "如确属部门信息系统，请平台运维员把其网段和端口加入允许连接的名单。",
    ),
    "name_unknown": Fault("域名无法解析", NETWORK, "请核对域名拼写，或改填 IP 地址。", again=True),
    # the connection
    "unreachable": Fault(
        "网络不通，对方没有应答",
        NETWORK,
        "请检查网络线路和防火墙是否对平台放行该地址和端口。",
        again=True,
    ),
    "refused": Fault(
        "对方主机拒绝连接，服务未启动或端口不对",
        DBA,
        "请核对端口，并确认服务已启动、监听该地址。",
        again=True,
    ),
    "timeout": Fault(
        "等待应答超时", "对方运维人员", "请检查对方服务的负载和网络质量，稍后重试。", again=True
    ),
    "tls": Fault(
        "加密连接（TLS）建立失败",
        DBA,
        "请检查对方是否启用 TLS、证书是否有效且与地址一致，或调整登记的加密方式。",
    ),
    "lost": Fault(
        "连接中途断开",
        "对方运维人员",
        "已回滚，未写入任何不完整的数据；恢复后将重新执行。",
        again=True,
    ),
    # the database
    "bad_password": Fault(
        "账号或密码不正确", DBA, "请核对账号，更新登记的密码；密码修改后须同步到平台。"
    ),
    "not_admitted": Fault(
        "数据库的访问控制不允许平台主机登录",
        DBA,
        "请为平台主机放行该账号和数据库：PostgreSQL 在 pg_hba.conf 中，MySQL / MariaDB 在账号的主机部分。",
    ),
    "no_such_database": Fault("数据库不存在", DBA, "请核对数据库名称（区分大小写）。"),
    "no_privilege": Fault("账号权限不足", DBA, "请用平台给出的授权语句授予最小必要权限。"),
    "too_many": Fault(
        "数据库连接数已满", DBA, "请释放空闲连接或提高连接上限，稍后重试。", again=True
    ),
    "starting": Fault("数据库正在启动、关闭或恢复", DBA, "请稍后重试。", again=True),
    "conflict": Fault(
        "与该数据库上的其他操作冲突",
        DBA,
        "已回滚，稍后自动重试；经常发生时请错开时间，或放宽备库的查询冲突时限。",
        again=True,
    ),
    "read_only": Fault("数据库处于只读状态", DBA, "请改登记主库地址，或解除只读设置。"),
    "disk_full": Fault(
        "数据库所在磁盘空间不足", DBA, "请清理或扩容磁盘；已回滚，未写入任何不完整的数据。"
    ),
    "no_such_table": Fault(
        "表或字段不存在", DBA, "请核对表结构是否变更；如已变更，请重新扫描并更新目录。"
    ),
    "not_supported": Fault(
        "平台尚不能连接这种数据库", PLATFORM, "请改用已支持的数据库作为前置库。"
    ),
    "encoding": Fault(
        "数据库中有不符合其字符编码的文字",
        DBA,
        "请把数据库转换为 UTF-8 编码，或用视图提供转换后的内容；SQL_ASCII 编码的数据库不核对文字。",
    ),
    "not_in_repertoire": Fault(
        "条件或名称中有该数据库字符集没有的文字",
        "填写人",
        "该数据库中不会有这样的内容，请改用其他文字。",
    ),
    "no_characters": Fault(
        "数据库编码为 SQL_ASCII，分不清汉字的起止，不能按字符脱敏",
        DBA,
        "请把数据库转换为 UTF-8 编码，或用视图提供已脱敏的内容；也可把脱敏方式改为置空或加密标识。",
    ),
    "rows_hidden": Fault(
        "数据表启用了行级安全策略，平台账号只能看到其中一部分行",
        DBA,
        "请执行 ALTER ROLE 平台账号 BYPASSRLS；只拟共享一部分行的，请另建视图，"
        "由不受该策略限制的账号所有。",
    ),
    "database_error": Fault("数据库返回错误", DBA, "请查看数据库日志；问题持续请联系平台运维员。"),
    "too_old": Fault("数据库版本过低", DBA, "请升级到 MySQL 5.7、MariaDB 10.2 或更高版本。"),
    "sign_in": Fault(
        "账号的登录方式会泄露密码或平台不支持",
        DBA,
        "PostgreSQL 请在 pg_hba.conf 中把该账号改为 scram-sha-256；MySQL 请把账号改为"
        " mysql_native_password，用 caching_sha2_password 的请启用加密连接（TLS）。",
    ),
    "strange": Fault(
        "对方的应答不是该种数据库的应答，已断开", DBA, "请核对地址、端口和数据库类型。"
    ),
    "too_much": Fault(
        "数据库返回的内容超过平台允许的大小，已断开",
        DBA,
        "请核对该地址确是要登记的数据库；表过多时，请用只含拟编目的表的账号。",
    ),
    "no_delivery": Fault(
        "平台尚不能向这种数据库交付数据",
        "登记人",
        "请登记一个 PostgreSQL 数据库作为接收数据的前置库。",
    ),
    # HTTP
    "too_large": Fault(
        "应答内容超过平台允许的大小", "服务提供部门", "请减少单次返回的数据量或分页返回。"
    ),
    "bad_answer": Fault(
        "应答不符合 HTTP 规范", "服务提供部门", "请检查对方服务；平台只接受 http 和 https 地址。"
    ),
    "too_many_redirects": Fault("对方服务反复跳转", "服务提供部门", "请登记跳转之后的最终地址。"),
}


class ConnectorProblem(Exception):
    """A named failure; ``code`` is a key of `FAULTS`. ``detail`` may be shown: it never holds a
    password or a row."""

    def __init__(self, code: str, detail: str = "") -> None:
        fault = FAULTS[code]
        super().__init__(f"{fault.cause}：{detail}" if detail else fault.cause)
        self.code, self.detail = code, detail
        self.cause, self.who, self.remedy, self.again = (
            fault.cause,
            fault.who,
            fault.remedy,
            fault.again,
        )
