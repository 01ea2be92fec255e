"""Settings of the whole product, read from the environment; docs/operations.md lists every
variable.

No list of contexts stands here: a folder with `actions.py` or `models.py` below the package is a
context. A package named in HUITONG_CONTEXTS joins them.
"""

import os
from ipaddress import ip_network
from pathlib import Path

from csp.constants import NONE, SELF

from huitong.connectors import values
from huitong.connectors.guard import Allowance
from huitong.settings.environment import (
    data_folder,
    database,
    http_url,
    key_file,
    listed,
    one_of,
    read,
)

PACKAGE = Path(__file__).parents[1]
DATA = data_folder()

DATABASES = {"default": database("DATABASE_URL", "database-url")}
#: the owner's address: migrations and grants only, never web or worker
OWNER_DATABASE = database("DATABASE_OWNER_URL", "database-owner-url")
if os.environ.get("HUITONG_AS_OWNER"):
    DATABASES["default"] = OWNER_DATABASE

SECRET_KEY = key_file("secret-key")
#: encrypts secrets kept for others (source passwords, webhook keys); see kernel decision record on
#: secrets at rest
MASTER_KEY = key_file("master-key")
OLD_MASTER_KEYS = listed("HUITONG_OLD_MASTER_KEYS")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("HUITONG_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = listed(
    "HUITONG_ORIGINS", reads=lambda text: values.url("", text, "https", "http")
)
#: proxies whose word about the caller's address is taken, by pages (with X-Forwarded-Proto) and by
#: the gateway alike
PROXIES = listed("HUITONG_PROXIES", reads=ip_network)
PUBLIC_URL = http_url("HUITONG_PUBLIC_URL", "http://127.0.0.1:8800")


def contexts() -> list[str]:
    """Dotted names of all contexts: the folders with `actions.py` or `models.py`, and those that
    HUITONG_CONTEXTS names."""
    holders = {
        path.parent
        for name in ("actions.py", "models.py", "actions/__init__.py", "models/__init__.py")
        for path in PACKAGE.rglob(name)
    }
    folders = {path.parent if path.name in ("actions", "models") else path for path in holders}
    own = sorted("huitong." + ".".join(path.relative_to(PACKAGE).parts) for path in folders)
    return own + listed("HUITONG_CONTEXTS")


CONTEXTS = contexts()
INSTALLED_APPS = [
    "huitong.ui",
    "django.forms",  # its widgets' templates, after ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton.apps.SimpleAppConfig",  # the other would put loaders of its own in place of ours
    "csp",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    *CONTEXTS,
    "huitong.portal",
]

MIDDLEWARE = [
    "huitong.api.middleware.OneErrorBody",
    "django.middleware.security.SecurityMiddleware",
    "huitong.ui.assets.AssetsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huitong.portal.middleware.PortalMiddleware",
    "huitong.portal.middleware.Head",
]
#: every answer tells how long it took in the server: for measuring only
if one_of("HUITONG_SERVER_TIMING", "off", "on") == "on":
    MIDDLEWARE.insert(0, "huitong.portal.timing.ServerTiming")

ROOT_URLCONF = "huitong.urls"
WSGI_APPLICATION = "huitong.cli.web.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["huitong.ui.loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "huitong.kernel.templatetags.laws",
                "huitong.kernel.templatetags.addresses",
                "huitong.documents.templatetags.citations",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huitong.portal.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "huitong.ui.forms.Renderer"
COTTON_DIR = "cotton"
#: a component sees its parameters and the context processors, never a variable of the page by
#: accident
COTTON_ISOLATE_BY_DEFAULT = True

#: pages of the API's lists
NINJA_PAGINATION_CLASS = "huitong.ui.paging.Page"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: none are looked for by name: a context's manifest names the module of its jobs
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
#: "after X, do Y": given to the kernel in every process, as soon as all models are loaded
PROCRASTINATE_ON_APP_READY = "huitong.reactions.ready"
#: how long a step whose table allows it can be undone, before anybody is told of it; the tests of
#: undoing set it
UNDO_SECONDS = 0 if os.environ.get("HUITONG_TESTING") else 30
#: signs of life every two seconds, so that jobs of a killed worker are done again within seconds
#: (work/jobs.py)
PROCRASTINATE_WORKER_DEFAULTS = {"update_heartbeat_interval": 2.0, "stalled_worker_timeout": 10.0}

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "huitong.ui.assets.Addresses"},
}
WHITENOISE_USE_FINDERS = True  # served from where they lie: nothing is collected
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = DATA / "files"
#: a city's own faces for printed forms: 仿宋, and characters of names that the shipped ones lack
FONTS = DATA / "fonts"
FILE_UPLOAD_PERMISSIONS = 0o600
ATTACHMENT_MAX_BYTES = read(values.whole, "HUITONG_ATTACHMENT_MB", 20, 1, 2048) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
#: the largest request taken at all, several attachments in it included: larger ones are refused
#: before they are read
REQUEST_MAX_BYTES = 8 * ATTACHMENT_MAX_BYTES
# the grid of an entry with 1600 items, as many as a table may have columns
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# -- signing in (allauth): local accounts, TOTP, lockout; no sign-up: the system administrator opens
# accounts
AUTH_USER_MODEL = "organizations.Person"
AUTHENTICATION_BACKENDS = ["huitong.portal.sign_in.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "huitong.portal.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
#: wrong passwords by account and by address; a whole office may sign in at nine from one address
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,60/15m/ip", "login": "300/m/ip"}
#: the three administrators enrol a second factor before anything else; a demonstration may do
#: without
REQUIRE_SECOND_FACTOR = one_of("HUITONG_SECOND_FACTOR", "required", "optional") == "required"
#: a new sign-in ends the person's older sessions
SINGLE_SESSION = one_of("HUITONG_SINGLE_SESSION", "on", "off") == "on"
MFA_ADAPTER = "huitong.portal.sign_in.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "huitong"
#: codes of the step before and of the step after are taken too, each once: see
#: huitong.portal.second_factor
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "huitong.portal.second_factor.AuthenticateForm",
    "reauthenticate": "huitong.portal.second_factor.ReauthenticateForm",
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    *(
        ["django.contrib.auth.hashers.MD5PasswordHasher"]
        if os.environ.get("HUITONG_TESTING")
        else []
    ),
]
if os.environ.get("HUITONG_TESTING"):
    PASSWORD_HASHERS.reverse()
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "huitong.portal.sign_in.FourClassesValidator"},
]

SESSION_ENGINE = "huitong.portal.sessions"
SESSION_COOKIE_AGE = 30 * 60
#: seconds after which a page that changes nothing in the session makes it live on: only so often is
#: it written, and only so much earlier than its age may an idle one end
SESSION_RENEWED_AFTER = 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_FAILURE_VIEW = "huitong.portal.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
#: a browser that once came by https never comes without again
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PUBLIC_URL.startswith("https://") else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Django tells a log nothing of a page that failed, unless asked to
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"trace": {"()": "huitong.portal.errors.Trace"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "trace"}},
    "loggers": {
        "huitong": {"handlers": ["stderr"], "level": "WARNING"},
        "django.request": {"handlers": ["stderr"], "level": "ERROR"},
    },
}

# shared by all web processes, so that five wrong passwords lock whichever process saw them; with
# Django's own limit of 300 entries, wrong passwords for other names would push out a lock
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
if os.environ.get("HUITONG_TESTING"):
    CACHES["default"] |= {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("HUITONG_SMTP_HOST")
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = os.environ.get("HUITONG_SMTP_HOST", "")
EMAIL_PORT = read(values.whole, "HUITONG_SMTP_PORT", 25, 1, 65535)
EMAIL_HOST_USER = os.environ.get("HUITONG_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("HUITONG_SMTP_PASSWORD", "")
EMAIL_USE_TLS = one_of("HUITONG_SMTP_TLS", "none", "starttls", "ssl") == "starttls"
EMAIL_USE_SSL = one_of("HUITONG_SMTP_TLS", "none", "starttls", "ssl") == "ssl"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("HUITONG_MAIL_FROM", "huitong@localhost")

# -- the city
SITE_NAME = os.environ.get("HUITONG_SITE_NAME", "南通市政务数据共享交换平台")
SITE_HOST = os.environ.get("HUITONG_SITE_HOST", "南通市大数据管理局")
SITE_CONTACT = os.environ.get("HUITONG_SITE_CONTACT", "")
#: what the footer shows beside; an empty value is left out (国办发〔2017〕47号)
SITE_FOOTER = [
    {"label": label, "value": os.environ.get(f"HUITONG_SITE_{name}", "")}
    for name, label in (("ICP", "ICP 备案号"), ("POLICE", "公安备案号"), ("CODE", "网站标识码"))
]
#: where signed checkpoints go when they leave the machine
CHECKPOINT_DIRS = [Path(folder) for folder in listed("HUITONG_CHECKPOINT_DIRS", ":")]
CHECKPOINT_PEERS = listed(
    "HUITONG_CHECKPOINT_PEERS", reads=lambda text: values.url("", text, "http", "https")
)
#: public keys (name+id+base64) of platforms whose checkpoints we keep for them
WITNESSED_KEYS = listed("HUITONG_WITNESSED_KEYS")
#: the key that signs checkpoints (made at first use), the ledger's name, and its hash: sha256 or
#: sm3, fixed by the first seal
LEDGER_KEY = Path(os.environ.get("HUITONG_LEDGER_KEY") or DATA / "keys" / "ledger-ed25519.pem")
LEDGER_OLD_KEYS = listed("HUITONG_LEDGER_OLD_KEYS")
LEDGER_ORIGIN = os.environ.get("HUITONG_LEDGER_ORIGIN", "")
LEDGER_SUITE = one_of("HUITONG_LEDGER_SUITE", "sha256", "sm3")
#: networks in which addresses registered by users may lie beside public ones: CIDR or CIDR:port,
#: comma separated
ALLOWED_NETWORKS = listed("HUITONG_ALLOWED_NETWORKS", reads=Allowance.parse)
#: the keys that sign access tokens, made at first use; every host of one platform must have the
#: same folder
OAUTH_KEYS = Path(os.environ.get("HUITONG_OAUTH_KEYS") or DATA / "keys" / "oauth")
GATEWAY_URL = http_url("HUITONG_GATEWAY_URL", "http://127.0.0.1:8810")
#: by this the shaping service knows its gateway
GATEWAY_PROOF = key_file("gateway-proof")
WEB_LISTEN = os.environ.get("HUITONG_LISTEN") or "127.0.0.1:8800"
GATEWAY_LISTEN = os.environ.get("HUITONG_GATEWAY_LISTEN") or "127.0.0.1:8810"
for _variable, _address in (
    ("HUITONG_LISTEN", WEB_LISTEN),
    ("HUITONG_GATEWAY_LISTEN", GATEWAY_LISTEN),
):
    read(values.address, _variable, _address)
ENVOY = os.environ.get("HUITONG_ENVOY", "")
