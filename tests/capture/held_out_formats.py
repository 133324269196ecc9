"""Values that a corpus of planted secrets is made of; none stands in the source, all are drawn."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from random import Random

__all__ = ["ALONE", "NAMED", "PASSWORDS", "PASSWORD_NAMES", "SECRET_NAMES", "drawn"]

SETS = {
    "a": string.ascii_letters + string.digits,
    "h": string.hexdigits[:16],
    "H": string.hexdigits[:10] + "ABCDEF",
    "l": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "u": string.ascii_letters + string.digits + "-_",
    "L": string.ascii_letters,
    "m": string.ascii_lowercase,
}


def drawn(r: Random, shape: str) -> str:
    """Return a text of a shape: ``|a36`` is 36 of a set, ``|uuid``, ``|json`` and ``|jwt`` are made, the rest stands."""
    parts = []
    for n, part in enumerate(shape.split("|")):
        if n % 2 == 0:
            parts.append(part)
        elif part == "uuid":
            parts.append("-".join(drawn(r, f"|h{k}|") for k in (8, 4, 4, 4, 12)))
        elif part == "jwt":
            parts.append(
                f"{_json(r, {'alg': 'HS256', 'typ': 'JWT'})}.{_json(r, {'sub': 1, 'exp': 2})}.{drawn(r, '|u43|')}"
            )
        elif part == "json":
            parts.append(_json(r, {"u": "someone", "url": "x.example"}))
        else:
            parts.append("".join(r.choices(SETS[part[0]], k=int(part[1:]))))
    return "".join(parts)


def _json(r: Random, head: dict[str, object]) -> str:
    text = json.dumps(head | {"iat": r.randrange(10**9, 2 * 10**9)}).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


# Formats that say themselves what they are. `~` is taken out: scanners of this repository's own
# text are not to stop at prefixes.
ALONE: dict[str, str] = {
    "github classic": "gh~p_|a36|", "github oauth": "gh~o_|a36|", "github server": "gh~s_|a36|",
    "github refresh": "gh~r_|a76|", "github fine": "github_~pat_|a22|_|a59|",
    "gitlab pat": "gl~pat-|u20|", "gitlab routable": "gl~pat-|u27|.01.|l9|",
    "gitlab deploy": "gl~dt-|u20|", "gitlab runner": "gl~rt-|u20|", "gitlab trigger": "gl~ptt-|h40|",
    "openai project": "sk~-proj-|u74|T3Blbk~FJ|u74|", "openai old": "sk~-|a20|T3Blbk~FJ|a20|",
    "openai service": "sk~-svcacct-|u74|T3Blbk~FJ|u74|", "anthropic": "sk~-ant-api03-|u93|AA",
    "anthropic oauth": "sk~-ant-oat01-|u93|AA", "hugging face": "h~f_|L34|", "google api": "AI~za|u35|",
    "google client": "GOC~SPX-|u28|", "google access": "ya~29.a0|u140|", "google refresh": "1/~/0|u61|",
    "aws key id": "AK~IA|U16|", "aws temporary": "AS~IA|U16|", "aws bedrock": "ABS~K|b108|",
    "azure client": "|a3|8Q~~|u34|", "azure devops": "|a76|AZDO|a4|", "slack bot": "xox~b-|d12|-|d12|-|a24|",
    "slack user": "xox~p-|d12|-|d12|-|d12|-|h32|", "slack app": "xap~p-1-A|U10|-|d13|-|h64|",
    "slack webhook": "https://hooks.slack~.com/services/T|U10|/B|U10|/|a24|",
    "discord bot": "M|a25|.G|u5|.|u38|", "discord webhook": "https://discord~.com/api/webhooks/|d18|/|u68|",
    "stripe live": "sk~_live_|a99|", "stripe restricted": "rk~_live_|a24|", "stripe webhook": "wh~sec_|a32|",
    "stripe test": "sk~_test_|a24|", "sendgrid": "S~G.|u22|.|u43|", "mailgun": "ke~y-|h32|", "npm": "np~m_|a36|",
    "pypi": "py~pi-AgEIcHlwaS5vcmc|u150|", "docker": "dckr_~pat_|u27|", "docker org": "dckr_~oat_|u32|",
    "digital ocean": "do~p_v1_|h64|", "databricks": "da~pi|h32|-2", "wandb new": "wandb_~v1_|u77|",
    "neptune": "eyJhcGlfYWRkcmVzcyI6|a80|", "replicate": "r~8_|a37|", "groq": "gs~k_|a52|", "xai": "xa~i-|a80|",
    "perplexity": "pp~lx-|a48|", "openrouter": "sk~-or-v1-|h64|", "deepseek": "sk~-|h32|",
    "together": "tg~p_v1_|u43|", "fireworks": "fw~_|a24|", "nvidia": "nv~api-|u64|", "langsmith": "lsv2_~pt_|h32|_|h10|",
    "pinecone": "pc~sk_|a6|_|a63|", "linear": "lin_~api_|a40|", "notion": "nt~n_|d11||a35|",
    "airtable": "pa~t|a14|.|h64|", "atlassian": "ATA~TT3xFfGF0|u180|=|H8|", "bitbucket": "ATB~B|a32||H8|",
    "figma": "fig~d_|u40|", "postman": "PMA~K-|h24|-|h34|", "grafana": "gls~a_|a32|_|h8|",
    "grafana cloud": "gl~c_eyJ|a100|", "new relic": "NRA~K-|U27|", "sentry org": "sntry~s_|json|_|b43|",
    "sentry user": "sntry~u_|h64|", "shopify": "shp~at_|h32|", "telegram": "|d10|:AA|u33|",
    "vault": "hv~s.|u95|", "terraform": "|a14|.atlas~v1.|u67|", "planetscale": "pscale_~tkn_|u43|",
    "planetscale pw": "pscale_~pw_|u43|", "supabase": "sb~p_|h40|", "supabase secret": "sb_~secret_|u22|_|u8|",
    "netlify": "nf~p_|a36|", "fly": "fm~2_lJPE|b120|", "render": "rn~d_|a28|", "heroku": "HRK~U-AA|u58|",
    "tavily": "tv~ly-dev-|a32|", "elevenlabs": "sk~_|h48|", "mapbox": "sk~.eyJ|a60|.|u22|",
    "rubygems": "ruby~gems_|h48|", "crates": "ci~o|a32|", "clojars": "CLO~JARS_|h60|", "jfrog": "AK~Cp|a69|",
    "1password": "op~s_eyJ|a250|", "doppler": "dp~.pt.|a43|", "infracost": "ic~o-|a32|", "prefect": "pn~u_|a36|",
    "pulumi": "pu~l-|h40|", "square": "sq0~csp-|u43|", "adafruit": "ai~o_|a28|", "age": "AGE-SECRET~-KEY-1|U58|",
    "tailscale": "ts~key-auth-k|a16|CNTRL-|a32|", "contentful": "CF~PAT-|u43|", "langfuse": "sk~-lf-|uuid|",
    "modal": "a~s-|a22|", "runpod": "rp~a_|U40|", "jina": "ji~na_|h32||a28|", "voyage": "p~a-|u43|",
    "firecrawl": "f~c-|h32|", "e2b": "e2~b_|h40|", "cerebras": "cs~k-|l48|", "nomic": "n~k-|u43|",
    "kaggle new": "KG~AT_|h32|", "launchdarkly": "sd~k-|uuid|", "resend": "r~e_|a8|_|a24|",
    "brevo": "xkey~sib-|h64|-|a16|", "mailchimp": "|h32|-us~12", "buildkite": "bk~ua_|h40|",
    "circleci": "CCI~PAT_|a22|_|h40|", "sonar": "sq~p_|h40|", "typeform": "tf~p_|u44|", "hubspot": "pa~t-na1-|uuid|",
    "dropbox": "s~l.|u135|", "facebook": "EA~AG|a150|", "neon": "np~g_|a12|", "aiven": "AVN~S_|u19|",
    "tinybird": "p~.eyJ|a60|.|u43|", "cursor": "ke~y_|h64|", "sourcegraph": "sg~p_|h16|_|h40|",
    "anyscale": "es~ecret_|l26|", "jwt": "|jwt|", "duffel": "duf~fel_live_|u43|", "frameio": "fi~o-u-|u64|",
    "dynatrace": "dt0~c01.|U24|.|U64|", "easypost": "EZ~AK|a54|", "flutterwave": "FLWSEC~K-|h32|-X",
    "shippo": "shippo_~live_|h40|", "readme": "rd~me_|l70|", "scalingo": "tk~-us-|u48|", "confluence": "ATC~TT3xFfGN0|u170|=|H8|",
    "teams": "https://acme.webhook~.office.com/webhookb2/|uuid|@|uuid|/IncomingWebhook/|h32|/|uuid|",
    "alibaba": "LT~AI|a20|", "yandex": "AQ~VN|u36|", "openai admin": "sk~-admin-|u58|T3Blbk~FJ|u58|",
    "lightning": "li~t-|uuid|", "scale": "liv~e_|h32|", "polar": "pol~ar_oat_|a43|", "clerk": "sk~_live_|a42|",
    "posthog": "ph~x_|a43|", "gemini auth": "AQ~.Ab8|u48|", "zai": "|h32|.|a16|", "hf org": "api_~org_|L34|",
}  # fmt: skip
ALONE = {
    name: shape.replace("~~", "\0").replace("~", "").replace("\0", "~")
    for name, shape in ALONE.items()
}
# Too little of a shape to be known without a name.
NEEDS_A_NAME = {
    "telegram",
    "zai",
    "mailchimp",
    "modal",
    "crates",
    "scale",
    "elevenlabs",
    "lightning",
    "cursor",
    "launchdarkly",
    "deepseek",
    "render",
}

# Formats that only a name gives away.
NAMED: dict[str, str] = {
    "hex 32": "|h32|", "hex 40": "|h40|", "hex 64": "|h64|", "uuid": "|uuid|", "alnum 20": "|a20|", "alnum 24": "|a24|",
    "alnum 32": "|a32|", "alnum 40": "|a40|", "base64 44": "|b43|=", "base64 88": "|b86|==", "base64 40": "|b40|",
    "url-safe 43": "|u43|", "url-safe 22": "|u22|", "upper 25": "|U5|-|U5|-|U5|-|U5|-|U5|", "lower 16": "|l16|",
    "digits and letters 12": "|a12|", "two parts": "|a8|.|a32|", "colon": "|h16|:|h32|", "bytes 16": "|l8|-|l4|-|l4|",
}  # fmt: skip

WORDS = [
    "harbor",
    "violet",
    "tiger",
    "maple",
    "rocket",
    "winter",
    "silver",
    "copper",
    "falcon",
    "meadow",
    "orbit",
    "pepper",
    "granite",
    "lemon",
    "saddle",
]
PASSWORDS: dict[str, Callable[[Random], str]] = {
    "word and year": lambda r: f"{r.choice(WORDS).title()}{r.randrange(1960, 2030)}!",
    "two words": lambda r: f"{r.choice(WORDS)}{r.choice(WORDS).title()}{r.randrange(10, 99)}",
    "leet": lambda r: (
        f"{drawn(r, '|L2|')}0{drawn(r, '|L3|')}4{drawn(r, '|m2|')}${r.randrange(100)}"
    ),
    "signs": lambda r: "".join(r.choices(SETS["a"] + "!#%*+-.=^_~", k=14)) + "7",
    "phrase": lambda r: "-".join(r.sample(WORDS, 4)),
    "random 10": lambda r: drawn(r, "|a9|") + "3",
    "random 20": lambda r: drawn(r, "|a19|") + "5",
    "at and sign": lambda r: f"{r.choice(WORDS)}@{r.randrange(1000, 9999)}#{drawn(r, '|m2|')}",
    "lower": lambda r: f"{r.choice(WORDS)}{r.randrange(100, 9999)}",
}

PASSWORD_NAMES = [
    "password", "passwd", "pwd", "pass", "passphrase", "db password", "db pass", "mysql pwd", "root password", "user pass",
    "smtp password", "admin pw", "login password", "postgres password", "redis pass", "ftp passwd", "sudo password",
    "keystore password", "key passphrase", "proxy password", "imap pass", "ldap bind password", "wifi psk", "vpn pass",
    "ssh passphrase", "zip password", "pdf pwd", "superuser password", "default password", "new password", "old passwd",
]  # fmt: skip
SECRET_NAMES = [
    "api key", "apikey", "token", "tok", "access token", "auth token", "client secret", "secret", "secret key", "private key",
    "signing key", "license key", "webhook secret", "pat", "bearer", "bearer token", "session key", "encryption key",
    "hmac secret", "master key", "jwt secret", "cookie secret", "app secret", "consumer secret", "refresh token",
    "secret access key", "account key", "shared access key", "storage key", "deploy key", "service key", "admin key",
    "bot token", "personal access token", "oauth token", "id token", "session token", "csrf token", "session id",
    "sas token", "subscription key", "credential", "creds", "auth", "api secret", "app key", "write key", "salt secret",
    "ssh key", "gh token", "hf token", "openai key", "stripe key", "wandb key", "aws secret", "kaggle key", "security token",
    "verification token", "registration token", "enc key", "crypto key", "aes key", "api token", "user token", "push token",
    "authorization", "access key secret", "team key", "org token", "fernet key", "otp secret", "totp seed", "recovery code",
    "device token", "connection key", "instrumentation key", "ingest key", "publish token", "upload token", "job token",
]  # fmt: skip
