"""Texts with secrets that no rule was made for: their writer had not seen the rules.

Every value is made at run time, and stands in no file.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from typing import Final

_WORDS: Final = string.ascii_letters + string.digits
_LOWER: Final = string.ascii_lowercase + string.digits
_HEX: Final = "0123456789abcdef"

# Prefix, alphabet, length: each with a form of its own, so that it is known without a name.
FORMATS: Final = {
    "hugging face": ("hf" + "_", string.ascii_letters, 34),
    "openai project": ("sk-" + "proj-", _WORDS, 124),
    "openai service": ("sk-" + "svcacct-", _WORDS, 124),
    "openai admin": ("sk-" + "admin-", _WORDS, 124),
    "anthropic": ("sk-" + "ant-api03-", _WORDS, 95),
    "google": ("AI" + "za", _WORDS, 35),
    "github": ("gh" + "p_", _WORDS, 36),
    "github app": ("gh" + "s_", _WORDS, 36),
    "github fine": ("github" + "_pat_", _WORDS, 82),
    "gitlab": ("gl" + "pat-", _WORDS, 20),
    "slack": ("xox" + "b-", string.digits, 40),
    "stripe": ("sk" + "_live_", _WORDS, 24),
    "npm": ("npm" + "_", _WORDS, 36),
    "pypi": ("pypi-" + "AgEIcHlwaS5vcmc", _WORDS, 120),
    "docker": ("dckr" + "_pat_", _WORDS, 27),
    "databricks": ("dap" + "i", _HEX, 32),
    "replicate": ("r8" + "_", _WORDS, 37),
    "groq": ("gsk" + "_", _WORDS, 52),
    "pinecone": ("pc" + "sk_", _WORDS, 70),
    "digitalocean": ("dop" + "_v1_", _HEX, 64),
    "doppler": ("dp.p" + "t.", _WORDS, 43),
    "vault": ("hv" + "s.", _WORDS, 95),
    "grafana": ("glsa" + "_", _WORDS, 32),
    "notion": ("ntn" + "_", _WORDS, 46),
    "linear": ("lin" + "_api_", _WORDS, 40),
    "figma": ("fig" + "d_", _WORDS, 40),
    "shopify": ("shp" + "at_", _HEX, 32),
    "tailscale": ("ts" + "key-auth-", _WORDS, 40),
    "new relic": ("NRA" + "K-", string.ascii_uppercase + string.digits, 27),
    "supabase": ("sb" + "p_", _HEX, 40),
    "langsmith": ("ls" + "v2_pt_", _HEX, 32),
    "sendgrid": ("S" + "G.", _WORDS, 66),
    "nvidia": ("nv" + "api-", _WORDS, 64),
    "xai": ("xa" + "i-", _WORDS, 80),
    "perplexity": ("pp" + "lx-", _WORDS, 48),
    "sentry": ("sntry" + "u_", _HEX, 64),
    "postman": ("PM" + "AK-", _HEX, 59),
    "heroku": ("HRKU" + "-AA", _WORDS, 58),
}

# Where a value without a form of its own shows by what stands around it.
NAMED: Final = {
    "python": 'db_pwd = "{}"',
    "annotated": 'self._passphrase: str = "{}"',
    "default": 'def connect(host, password="{}"):',
    "keyword": "client = Client(url, api_key='{}', timeout=3)",
    "dictionary": 'cfg = dict(user="me", client_secret="{}")',
    "item": 'config["auth"]["access_token"] = "{}"',
    "or": 'key = os.environ.get("WEATHER_API_KEY", "{}")',
    "setdefault": 'os.environ.setdefault("SERVICE_TOKEN", "{}")',
    "putenv": "%env MAPBOX_TOKEN={}",
    "bytes": 'SIGNING_KEY = b"{}"',
    "raw": "secretKey = r'{}'",
    "joined": 'api_token = ("{}"\n             "")',
    "triple": 'PASSWORD = """{}"""',
    "walrus": 'if (auth_token := "{}"):',
    "tuple": 'login(auth=("admin", "{}"))',
    "export": "export DB_PASSWORD={}",
    "windows": "set API_SECRET={}",
    "powershell": '$env:ACCESS_KEY = "{}"',
    "setx": 'setx STORE_TOKEN "{}"',
    "docker env": "ENV APP_SECRET={}",
    "docker arg": "ARG BUILD_TOKEN={}",
    "yaml": "  client_secret: {}",
    "yaml quoted": "  smtp-password: '{}'",
    "toml": 'private_token = "{}"',
    "ini": "password = {}",
    "json": '{{"apiKey": "{}", "n": 2}}',
    "netrc": "machine example.org login me password {}",
    "pgpass": "db.example.org:5432:sales:me:{}",
    "npmrc": "//registry.example.org/:_authToken={}",
    "aws": "aws_secret_access_key = {}",
    "bearer": "Authorization: Bearer {}",
    "curl header": "curl -H 'X-Api-Key: {}' https://example.org",
    "curl user": "curl -u me:{} https://example.org",
    "cookie": "Cookie: theme=dark; sessionid={}",
    "url": "https://me:{}@example.org/data",
    "query": "GET /v1/data?units=si&api_key={}&page=2",
    "jdbc": "jdbc:postgresql://h/db?user=me&password={}",
    "ado": "Server=h;Database=d;User Id=me;Password={};",
    "amqp": "amqp://me:{}@queue:5672/",
    "redis": "redis://:{}@cache:6379/0",
    "sas": "https://a.blob.core.windows.net/c?sv=2024&sig={}",
    "account key": "AccountName=a;AccountKey={};EndpointSuffix=x",
    "option": "python train.py --api-key {}",
    "option equals": "python train.py --db-password={}",
    "repr": "Settings(host='h', password='{}', port=3)",
    "printed": "{{'user': 'me', 'passwd': '{}'}}",
    "log": "INFO auth: token={} accepted",
    "comment": "# the password is {}",
    "comment, German": "# Passwort: {}",
    "comment, French": "# mot de passe : {}",
    "license": 'LICENSE_KEY = "{}"',
    "pat": 'MY_PAT = "{}"',
    "encryption": 'fernet_key = "{}"',
    "salt": 'jwt_secret = "{}"',
    "javascript": "const apiSecret = '{}';",
    "r": 'Sys.setenv(CENSUS_KEY = "{}")',
    "sql": "CREATE USER me WITH PASSWORD '{}';",
    "identified": "ALTER USER me IDENTIFIED BY '{}';",
    "mysql": "mysql -u root -p{} sales",
    "sshpass": "sshpass -p '{}' ssh me@example.org",
    "terraform": 'variable "token" {{ default = "{}" }}',
    "kubernetes": "      - name: DB_PASSWORD\n        value: {}",
    "form": 'requests.post(url, data={{"grant": "x", "refresh_token": "{}"}})',
    "assert": 'assert credentials.password == "{}"',
    "call": 'session.set_password("{}")',
    "openai style": 'openai.api_key = "{}"',
    "wandb": 'wandb.login(key="{}")',
    "docker login": "docker login -u me -p {}",
}

_BARE: Final = ("{}", "got {} back", "print('{}')", "[{}]", '"{}",', "x={}")


def held_out(seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the text and the secret in it."""
    some = random.Random(seed)
    for kind, (prefix, letters, length) in FORMATS.items():
        for context in _BARE:
            value = prefix + "".join(some.choices(letters, k=length))
            if kind == "grafana":
                value += "_" + "".join(some.choices(_HEX, k=8))
            yield kind, context.format(value), value
    for kind, context in NAMED.items():
        for letters, length in ((_WORDS, 32), (_HEX, 40), (_LOWER, 14), (_WORDS + "!%+", 18)):
            value = "".join(some.choices(letters, k=length - 1)) + some.choice(string.digits)
            yield kind, context.format(value), value
