"""Every setting of the program; docs/settings.md explains those that the environment can change."""

from pathlib import Path

from config.env import database, env, env_bool, env_int, env_list, env_networks, secret

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("MADOGUCHI_DATA") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env_bool("MADOGUCHI_DEBUG", False)
HTTPS = env_bool("MADOGUCHI_HTTPS", False)
SECRET_KEY = secret("MADOGUCHI_SECRET_KEY", DATA_DIR / "keys")
# Key that seals sensitive answers. Several, comma separated: the first seals, all of them open.
VAULT_KEYS = env_list("MADOGUCHI_VAULT_KEYS") or [secret("MADOGUCHI_VAULT_KEY", DATA_DIR / "keys")]
ALLOWED_HOSTS = env_list("MADOGUCHI_HOSTS", "127.0.0.1,localhost,[::1]")
PORT = env_int("PORT", 8000)
BASE_URL = env("MADOGUCHI_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- The seams. A new app is an entry in INSTALLED_APPS and a line here; see docs/extending.md.
APPLICATION_GATES: list[str] = [
    "identity.gate.IdentityAtStart",
    "identity.gate.IdentityBeforeCheck",
    "followup.gate.MailGate",
    "reservations.gate.ReservationGate",
    "identity.signature.gate.SignatureGate",  # last before the check page: what is signed is whole
    "payments.gate.PaymentAtArrival",
    "payments.gate.PaymentAtCompletion",
    "payouts.gate.PayoutGate",
]
APPLICATION_SUBSCRIBERS: list[str] = [
    "outreach.subscriber.ResidentMail",
    "identity.subscriber.IdentitySubscriber",
    "reservations.subscriber.ReservationSubscriber",
    "reservations.resident.mails.BookingMail",
    "reservations.waiting.mails.ListMail",
    "reservations.reminder.ReminderMail",
    "payments.subscriber.PaymentSubscriber",
    "payments.mails.PaymentMail",
    "dialogue.subscriber.DialogueMail",
    "followup.subscriber.FollowupMail",
    "exports.webhooks.subscriber.WebhookSubscriber",
]
# Tuples of the mails that the subscribers send; an editor may word each of them for a form
FORM_MAILS: list[str] = [
    "outreach.letters.MAILS",
    "followup.letters.MAILS",
    "dialogue.letters.MAILS",
    "reservations.letters.MAILS",
    "reservations.waiting.letters.MAILS",
    "payments.letters.MAILS",
]
APPLICATION_PANELS: list[str] = [
    "identity.panel.IdentityPanel",
    "identity.signature.panel.SignaturePanel",
    "reservations.resident.panel.ReservationPanel",
    "reservations.lottery.panel.LotteryPanel",
    "payments.panel.PaymentPanel",
    "followup.panel.FollowupPanel",
]
APPLICATION_EXITS: list[str] = ["followup.resuming.Later"]
# (label, name of the address) of what stands on every page and in mails
SITE_LINKS: list[tuple[str, str]] = [("申請状況の確認", "status")]
# (seconds between two looks, function that returns how much it did)
WORKER_JOBS: list[tuple[int, str]] = [
    (5, "records.chain.seal"),
    (3600, "applications.chunks.forget_old"),
    (3600, "applications.limits.forget_old"),
    (3600, "applications.quarantine.forget_old"),
    (0, "followup.jobs.send_codes"),
    (600, "followup.jobs.notify_expiring"),
    (600, "dialogue.jobs.watch_deadlines"),
    (3600, "dialogue.messages.forget_unsent"),
    (600, "identity.flows.forget_old"),
    (600, "identity.ekyc.services.expire_old"),
    (3600, "followup.jobs.forget_old"),
    (60, "reservations.expiry.expire_holds"),
    (60, "reservations.lottery.draw.draw_due"),
    (30, "reservations.waiting.offers.offer_places"),
    (60, "reservations.reminder.send_reminders"),
    (0, "payments.inbox.process_due"),
    (5, "payments.jobs.send_refunds"),
    (30, "payments.jobs.look_due"),
    (60, "payments.jobs.ask_unpaid"),
    (60, "payments.jobs.expire_unpaid"),
    (3600, "payments.inbox.forget_old"),
    (0, "payouts.settling.settle"),
    (3600, "casework.filling.services.forget_old"),
    (600, "exports.jobs.forget_old"),
    (600, "exports.api.auth.forget_old"),
    (3600, "exports.api.changes.forget_old"),
    (3600, "exports.webhooks.sending.forget_old"),
    (3600, "exports.handover.parcels.forget_old"),
]
# What takes long, or waits for others: each lane is a thread of the worker of its own, so that the mails do not wait
WORKER_LANES: dict[str, list[tuple[int, str]]] = {
    "files": [(0, "exports.jobs.run_due"), (0, "casework.filling.services.carry_out_due")],
    "bounces": [(30, "outreach.bounces.read_maildir"), (30, "outreach.imap.read_mailbox")],
    "webhooks": [(0, "exports.webhooks.sending.send_due")],
    "schedules": [(10, "exports.schedules.running.start_due"), (2, "exports.schedules.running.go_on")],
}
# Routers of django-ninja below /api/v1/
API_ROUTERS: list[str] = [
    "exports.api.routes.router",
    "exports.api.changes.router",
    "exports.handover.routes.router",
    "reservations.api.router",
]
FORM_REQUIREMENTS: list[str] = [
    "identity.requirement.IdentityRequirement",
    "identity.signature.requirement.SignatureRequirement",
    "followup.requirement.MailRequirement",
    "reservations.requirement.ReservationRequirement",
    "payments.requirement.PaymentRequirement",
    "payouts.requirement.PayoutRequirement",
]

INSTALLED_APPS = [
    "demo",
    "entrance",
    "casework",
    "exports",
    "followup",
    "identity",
    "reservations",
    "payments",
    "payouts",
    "dialogue",
    "outreach",
    "records",
    "applications",
    "formbuilder",
    "cms",
    "staff",
    "formtools",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cms.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cms.middleware.ResidentLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "entrance.middleware.Guard",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "formbuilder.middleware.TellCompileErrors",
    "applications.middleware.TellLostKey",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context.municipality",
            ],
        },
    },
]

DATABASES = {"default": database(env("DATABASE_URL"), DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Language and time
LANGUAGE_CODE = "ja"
WAGTAIL_CONTENT_LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [("ja", "日本語")]  # of pages, and of staff
LANGUAGES = [  # what residents may choose; docs/languages.md
    ("ja", "日本語"),
    ("ja-easy", "やさしい日本語"),
    ("en", "English"),
    ("zh-hans", "中文（简体）"),
    ("ko", "한국어"),
    ("pt-br", "Português (Brasil)"),
    ("vi", "Tiếng Việt"),
]
LANGUAGE_COOKIE_NAME = "mg-language"
LANGUAGE_COOKIE_AGE = 365 * 86_400
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["cms.formats"]
TIME_ZONE = WAGTAIL_USER_TIME_ZONES_DEFAULT = "Asia/Tokyo"
WAGTAIL_USER_TIME_ZONES = ["Asia/Tokyo"]
USE_I18N = USE_TZ = True

# --- Files. What residents send goes to PRIVATE_ROOT: never below a directory that a web server hands out.
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns about a missing directory at every start
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
PRIVATE_ROOT = DATA_DIR / "private"
STATIC_MANIFEST = env_bool("MADOGUCHI_STATIC_MANIFEST", not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PRIVATE_ROOT,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a form of 300 fields in the page editor
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # a whole album is refused at its item, and the rest of the screen is kept
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "applications.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = env_int("MADOGUCHI_UPLOAD_MAX_MB", 40) * 1024 * 1024  # one request, all files together
UPLOAD_SCANNER = env("MADOGUCHI_CLAMD")  # host:port or a socket path of clamd; empty: no scanner

# --- Security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = env_int("MADOGUCHI_SESSION_HOURS", 10) * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "applications.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
BEHIND_PROXY = env_bool("MADOGUCHI_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the page editor shows its preview in a frame
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "frame-src": ["'self'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    },
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_USER_MODEL = "staff.User"
LOGIN_URL = "wagtailadmin_login"

# --- Staff's login (entrance/). Whoever reads personal data from outside a closed network needs more than a password.
SECOND_FACTOR_REQUIRED = env_bool("MADOGUCHI_SECOND_FACTOR_REQUIRED", HTTPS)
IDLE_MINUTES = env_int(
    "MADOGUCHI_IDLE_MINUTES", 60
)  # without a request, then the password is asked for again; 0: never
ACCOUNT_ADAPTER = "entrance.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # ours count in the database, for all processes (entrance/limits.py)
ACCOUNT_FORMS = {"reauthenticate": "entrance.forms.PasswordAgainForm"}
MFA_ADAPTER = "entrance.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # mail is no part of it
MFA_TOTP_TOLERANCE = 1  # step of 30 seconds: a telephone's clock
MFA_FORMS = {
    "authenticate": "entrance.forms.SecondFactorForm",
    "reauthenticate": "entrance.forms.AgainForm",
    "activate_totp": "entrance.forms.ActivateForm",
}

# --- Coming back without an account
CODES_PER_NETWORK = env_int("MADOGUCHI_CODES_PER_NETWORK", 60)  # codes and links an hour
DRAFT_NOTICE_DAYS = env_int("MADOGUCHI_DRAFT_NOTICE_DAYS", 3)  # before a draft expires, its resident is told

# --- 本人確認 (docs/identity.md). Without an issuer nobody is asked anything, and forms that ask for it stay closed.
IDENTITY = {
    "issuer": env("MADOGUCHI_IDENTITY_ISSUER").rstrip("/"),
    "client_id": env("MADOGUCHI_IDENTITY_CLIENT_ID"),
    "client_key": env("MADOGUCHI_IDENTITY_CLIENT_KEY"),  # private, P-256, PEM or JWK
    "acr_values": env("MADOGUCHI_IDENTITY_ACR", "aal3 crl"),
    "endpoints": {  # what discovery would say
        "authorization": env("MADOGUCHI_IDENTITY_AUTHORIZATION"),
        "token": env("MADOGUCHI_IDENTITY_TOKEN"),
        "userinfo": env("MADOGUCHI_IDENTITY_USERINFO"),
        "jwks": env("MADOGUCHI_IDENTITY_JWKS"),
    },
}
EKYC = {  # without an issuer nobody is offered it
    "issuer": env("MADOGUCHI_EKYC_ISSUER").rstrip("/"),
    "client_id": env("MADOGUCHI_EKYC_CLIENT_ID"),
    "client_key": env("MADOGUCHI_EKYC_CLIENT_KEY"),  # private, P-256, PEM or JWK
    "acr_values": "",
    "endpoints": {
        "authorization": env("MADOGUCHI_EKYC_AUTHORIZATION"),
        "token": env("MADOGUCHI_EKYC_TOKEN"),
        "userinfo": env("MADOGUCHI_EKYC_USERINFO"),
        "jwks": env("MADOGUCHI_EKYC_JWKS"),
    },
    "trust_frameworks": env_list("MADOGUCHI_EKYC_TRUST_FRAMEWORKS", "jp_aml"),
    "days": env_int("MADOGUCHI_EKYC_DAYS", 7),  # an inspection that takes longer is given up
}
# 電子署名: without these, forms that are signed stay closed
SIGNATURE = {
    "api": env("MADOGUCHI_SIGNATURE_API").rstrip("/"),  # empty: at the provider
    "anchors": env("MADOGUCHI_SIGNATURE_ANCHORS"),  # certificates of authorities, PEM
    "crl": env("MADOGUCHI_SIGNATURE_CRL"),
    "key": env("MADOGUCHI_SIGNATURE_KEY"),  # private, RSA, PEM: opens what the provider encrypts to us
}
IDENTITY_KEY = secret("MADOGUCHI_IDENTITY_KEY", DATA_DIR / "keys")  # hashes subjects, and binds a flow to its browser

# --- 手数料 (docs/payments.md). Without a key nobody can pay online; 窓口納付 needs none.
STRIPE = {
    "key": env("MADOGUCHI_STRIPE_KEY"),
    "webhook_secret": env("MADOGUCHI_STRIPE_WEBHOOK_SECRET"),
    "api": env("MADOGUCHI_STRIPE_API").rstrip("/"),  # empty: Stripe's own
}

# --- Requests to addresses that staff have typed: of the networks that are not public, only these may be asked
EXPORT_ROOT = env("MADOGUCHI_EXPORT_ROOT")  # folder below which scheduled exports may be put; empty: nowhere
OUTGOING_NETWORKS = env_networks("MADOGUCHI_OUTGOING_NETWORKS")

# --- Mail
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env("MADOGUCHI_SMTP_HOST")
    else "django.core.mail.backends.dummy.EmailBackend"  # every message stays readable in the admin
)
EMAIL_HOST = env("MADOGUCHI_SMTP_HOST")
EMAIL_PORT = env_int("MADOGUCHI_SMTP_PORT", 25)
EMAIL_HOST_USER = env("MADOGUCHI_SMTP_USER")
EMAIL_HOST_PASSWORD = env("MADOGUCHI_SMTP_PASSWORD")
EMAIL_USE_TLS = env_bool("MADOGUCHI_SMTP_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("MADOGUCHI_MAIL_FROM", "窓口 <noreply@example.jp>")
BOUNCE_ADDRESS = env("MADOGUCHI_BOUNCE_ADDRESS")  # each mail's return address is this one with a mark behind a +
BOUNCE_MAILDIR = env("MADOGUCHI_BOUNCE_MAILDIR")
BOUNCE_IMAP = env("MADOGUCHI_BOUNCE_IMAP")

# --- Wagtail
WAGTAILADMIN_USER_LOGIN_FORM = "entrance.forms.LoginForm"
WAGTAIL_SITE_NAME = env("MADOGUCHI_NAME", "みほん市")
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False  # no page calls out
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
# Looks for parts of words. The word search of SQLite and of PostgreSQL takes a Japanese sentence for one word, and
# finds nothing inside it; a municipality has some thousand pages, for which LIKE is quick, and needs no index.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database.fallback"}}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("MADOGUCHI_LOG_LEVEL", "WARNING")},
}
