"""Secrets planted in texts of every sort, and ordinary text beside them: what a search is measured on.

Values are drawn when the tests run, so that none stands in the repository. The forms were written
down here from what the services say of their tokens, not from the table that is measured.
"""

from __future__ import annotations

import json
import random
import re
import string
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CONTEXTS", "Planted", "hard_lines", "is_left", "ordinary_files", "planted"]

# A: letters and digits; W: of addresses; H: hexadecimal; U, L: one case; N: digits; B: base64.
_LETTERS: Final = {
    "A": string.ascii_letters + string.digits,
    "W": string.ascii_letters + string.digits + "-_",
    "H": "0123456789abcdef",
    "U": string.ascii_uppercase + string.digits,
    "L": string.ascii_lowercase + string.digits,
    "N": string.digits,
    "B": string.ascii_letters + string.digits + "+/",
}
_DRAWN: Final = re.compile(r"<([AWHULNB])(\d+)>")

# The name of a variable and the form of a token that shows by itself.
_TOKENS: Final = """
ANTHROPIC_API_KEY sk-ant-api03-<W93>AA
OPENAI_API_KEY sk-proj-<W74>T3BlbkFJ<W74>
OPENAI_API_KEY sk-<A20>T3BlbkFJ<A20>
OPENAI_API_KEY sk-svcacct-<W100>
OPENROUTER_API_KEY sk-or-v1-<H64>
HF_TOKEN hf_<A34>
REPLICATE_API_TOKEN r8_<A37>
GROQ_API_KEY gsk_<A52>
PERPLEXITY_API_KEY pplx-<A48>
XAI_API_KEY xai-<A80>
NVIDIA_API_KEY nvapi-<W64>
LANGSMITH_API_KEY lsv2_pt_<H32>_<H10>
DEEPSEEK_API_KEY sk-<H32>
DATABRICKS_TOKEN dapi<H32>-2
PINECONE_API_KEY pcsk_<A6>_<A62>
TAVILY_API_KEY tvly-<A32>
GITHUB_TOKEN ghp_<A36>
GITHUB_TOKEN gho_<A36>
GITHUB_TOKEN ghs_<A36>
GITHUB_TOKEN github_pat_<A22>_<A59>
GITLAB_TOKEN glpat-<W20>
GITLAB_TOKEN gldt-<W20>
GITLAB_RUNNER_TOKEN glrt-<W20>
SLACK_BOT_TOKEN xoxb-<N12>-<N12>-<A24>
SLACK_USER_TOKEN xoxp-<N12>-<N12>-<N12>-<H32>
SLACK_APP_TOKEN xapp-1-A<U10>-<N13>-<H64>
STRIPE_API_KEY sk_live_<A24>
STRIPE_API_KEY rk_live_<A24>
STRIPE_API_KEY sk_test_<A99>
AWS_ACCESS_KEY_ID AKIA<U16>
AWS_ACCESS_KEY_ID ASIA<U16>
GOOGLE_API_KEY AIza<W35>
GOOGLE_CLIENT_SECRET GOCSPX-<W28>
GOOGLE_ACCESS_TOKEN ya29.<W120>
DIGITALOCEAN_TOKEN dop_v1_<H64>
HEROKU_API_KEY HRKU-AA<W58>
NETLIFY_AUTH_TOKEN nfp_<A36>
SUPABASE_ACCESS_TOKEN sbp_<H40>
PLANETSCALE_PASSWORD pscale_pw_<W43>
DOPPLER_TOKEN dp.pt.<A43>
VAULT_TOKEN hvs.<W90>
NPM_TOKEN npm_<A36>
PYPI_TOKEN pypi-AgEIcHlwaS5vcmc<W130>
RUBYGEMS_API_KEY rubygems_<H48>
DOCKER_PAT_TOKEN dckr_pat_<W27>
SENDGRID_API_KEY SG.<W22>.<W43>
MAILGUN_API_KEY key-<H32>
MAILCHIMP_API_KEY <H32>-us14
BREVO_API_KEY xkeysib-<H64>-<A16>
LINEAR_API_KEY lin_api_<A40>
NOTION_TOKEN ntn_<A46>
AIRTABLE_TOKEN pat<A14>.<H64>
FIGMA_TOKEN figd_<W40>
ATLASSIAN_TOKEN ATATT3xFfGF0<W170>=<U8>
SHOPIFY_ACCESS_TOKEN shpat_<H32>
SQUARE_ACCESS_TOKEN EAAA<W60>
FACEBOOK_ACCESS_TOKEN EAAC<A120>
NEW_RELIC_API_KEY NRAK-<U27>
GRAFANA_TOKEN glsa_<A32>_<H8>
SENTRY_AUTH_TOKEN sntryu_<H64>
HONEYCOMB_API_KEY hcaik_<L58>
POSTMAN_API_KEY PMAK-<H24>-<H34>
PULUMI_ACCESS_TOKEN pul-<H40>
PREFECT_API_KEY pnu_<A36>
TAILSCALE_AUTH_KEY tskey-auth-<A12>CNTRL-<A32>
TELEGRAM_BOT_TOKEN <N10>:AA<W33>
DISCORD_BOT_TOKEN M<A23>.<W6>.<W38>
AZURE_CLIENT_SECRET <A3>8Q~<W34>
TERRAFORM_TOKEN <A14>.atlasv1.<W64>
AGE_SECRET_KEY AGE-SECRET-KEY-1<U58>
JWT_TOKEN eyJ<W33>.eyJ<W60>.<W43>
FLY_API_TOKEN fo1_<W43>
"""

# What shows by its name alone.
_NAMED: Final = """
AWS_SECRET_ACCESS_KEY <B40>
AWS_SESSION_TOKEN <B160>
WANDB_API_KEY <H40>
COMET_API_KEY <A25>
KAGGLE_KEY <H32>
COHERE_API_KEY <A40>
MISTRAL_API_KEY <A32>
TOGETHER_API_KEY <H64>
AZURE_OPENAI_API_KEY <H32>
AZURE_STORAGE_ACCOUNT_KEY <B86>==
DD_API_KEY <H32>
DD_APP_KEY <H40>
ALGOLIA_API_KEY <H32>
TWILIO_AUTH_TOKEN <H32>
CLOUDFLARE_API_TOKEN <W40>
LABEL_STUDIO_TOKEN <H40>
QDRANT_API_KEY <A54>
WEAVIATE_API_KEY <A36>
MLFLOW_TRACKING_PASSWORD <A14>
NEO4J_PASSWORD <W16>
DB_PASSWORD <A10>!
SMTP_PASSWORD <L16>
client_secret <W40>
api_key <A32>
apiKey <A39>
access_token <W64>
refresh_token <W48>
auth_token <H40>
secret_key <W50>
password <A12>
SECRET <H64>
session_secret <A48>
jwt_secret <A44>
encryption_key <B43>=
webhook_secret <A32>
CircleCiToken <H40>
SNOWFLAKE_PASSWORD <A18>
CLEARML_API_SECRET_KEY <W48>
DAGSHUB_USER_TOKEN <H40>
"""

# Whole texts; what was drawn is the secret.
_TEXTS: Final = """
Authorization: Bearer <W40>
Authorization: Basic <B32>
X-Api-Key: <H32>
Cookie: sessionid=<L32>; theme=dark
postgresql://app:<A16>@db.internal:5432/runs
mysql+pymysql://root:<W14>@127.0.0.1/x
mongodb+srv://u:<A20>@cluster0.abcde.mongodb.net
redis://:<H24>@cache:6379/0
https://oauth2:<A20>@git.example.org/a/b.git
https://<A30>@git.example.org/a/b.git
https://b.example.org/data.csv?X-Amz-Credential=x&X-Amz-Signature=<H64>
https://x.blob.example.net/c/f.parquet?sv=2022-11-02&sr=b&sig=<A42>%3D
https://hooks.slack.com/services/T<U8>/B<U10>/<A24>
https://discord.com/api/webhooks/<N18>/<W68>
DefaultEndpointsProtocol=https;AccountName=x;AccountKey=<B86>==;EndpointSuffix=example.net
Server=db;Database=x;User Id=sa;Password=<A16>;
machine api.example.org login me password <A20>
curl -u me:<A18> https://x.example.org
python train.py --api-key <A32> --lr 0.1
python train.py --password=<A14>
wandb login <H40>
mysql -u root -p<A14> runs
sshpass -p <A12> ssh host
"""

# What programs read: their own syntax keeps them from standing in every context.
_FILES: Final = {
    "kaggle.json": '{"username":"me","key":"<H32>"}',
    "docker config": '{"auths": {"r.example.org": {"auth": "<B40>"}}}',
    "credentials file": "[default]\naws_access_key_id = AKIA<U16>\naws_secret_access_key = <B40>\n",
    "package upload": "[pypi]\nusername = __token__\npassword = pypi-AgEIcHlwaS5vcmc<W120>\n",
    "npmrc": "//r.example.org/:_authToken=<H36>\n",
    ".env": "DEBUG=1\nSECRET_KEY=<W50>\nDATABASE_URL=postgres://u:<A16>@h/d\n",
    "compose": "environment:\n  - POSTGRES_PASSWORD=<A16>\n  - TZ=UTC\n",
    "kubernetes": "kind: Secret\ndata:\n  password: <B24>\n",
    "xml": "<server><password><A16></password></server>\n",
    "login": 'huggingface_hub.login(token="<A37>")\n',
    "login without a name": 'wandb.login(key="<H40>")\n',
    "environment": 'os.environ["OPENAI_API_KEY"] = "<A48>"\n',
    "magic": "%env COHERE_API_KEY=<A40>\n",
    "shell magic": "!export HF_TOKEN=<A37> && python x.py\n",
    "keyword": 'client = Client("https://x.example.org", api_key="<A32>", timeout=3)\n',
    "basic auth": 'requests.get(url, auth=("me", "<A16>"))\n',
    "header": 'requests.get(url, headers={"Authorization": f"token <H40>"})\n',
    "setter": 'openai.api_key = "<A48>"\n',
    "connect": 'psycopg2.connect("dbname=x user=me password=<A16> host=h")\n',
    "dictionary": "cfg = dict(lr=0.1, token='<A32>')\n",
    "triple quotes": 'token = """<A40>"""\n',
    "default of an option": 'parser.add_argument("--hub-token", default="<A37>")\n',
    "typed": 'api_key: str | None = "<A40>"\n',
    "url in code": 'engine = create_engine(f"postgresql://u:<A16>@{host}/x")\n',
    "traceback": "ValueError: 401 for {'api_key': '<A32>', 'x': 1}\n",
    "request log": "DEBUG send: b'GET / HTTP/1.1\\r\\nAuthorization: Bearer <W40>\\r\\n'\n",
    "namespace": "Namespace(lr=0.1, api_key='<A32>', epochs=3)\n",
    "key block": "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "<B64>\n" * 12 + "-----END RSA PRIVATE " + "KEY-----\n",
    "ssh key": "-----BEGIN OPENSSH PRIVATE " + "KEY-----\n" + "<B70>\n" * 7 + "-----END OPENSSH PRIVATE " + "KEY-----\n",
    "key in json": '{"private_' + 'key": "-----BEGIN PRIVATE ' + 'KEY-----\\n' + "<B64>\\n" * 8 + '-----END PRIVATE ' + 'KEY-----\\n"}',
}  # fmt: skip

CONTEXTS: Final = ("py", "yaml", "diff", "log", "ipynb", "file", "bare")
"""Where secrets are planted; ``bare`` is a line of a log that names nothing."""

HARD: Final = """
max_tokens = 4096|tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased", revision="<H40>")
sha = "<H40>"|digest: sha256:<H64>|commit <H40>|blake3 = '<H32>'|md5("a") == "<H32>"
run_id = "20261125T2313-<H6>"|uuid = "<H8>-<H4>-4<H3>-a<H3>-<H12>"|etag: "<H32>"|"id": "<H8>"
token = tokens[<N1>]|token_ids = [<N4>, <N4>, <N4>]|pad_token = "<pad>"|eos_token_id=<N5>
api_key = os.environ["API_KEY_<N1>"]|api_key = os.getenv("KEY<N1>")|api_key=config.api_key2
api_key: your-api-key-here-<N3>|password = "********"|password: "<your password>"|token = "xxxxxxxxxxxx"
PASSWORD=$DB_PASSWORD<N1>|password={{ secrets.PASS<N2> }}|--token ${TOKEN<N1>}|token: ${{ secrets.T<N1> }}
sort_key = "accuracy<N4>"|primary_key="id_<N4>_abc"|state_dict["layer<N1>.attn.key.weight"]|key="val/loss<N2>"
monitor_key = "val_f1_<N2>"|cache_key = f"{name}-<N4>"|keypoints = "left_knee<N2>"|key_size=<N4>
password = getpass.getpass()|secret = self._secret<N1>|token = self.tokens[i<N1>]|token = next(stream<N2>)
path = "/data/set<N3>/token<N2>.json"|credentials = "conf/cred<N2>.json"|key_file = "~/.ssh/id_rsa<N1>"
https://docs.example.org/api/token#section-<N2>|https://x.example.org/?page=<N3>&sort=key<N1>|git@host:a/b<N2>.git
ssh://git@host<N1>/a.git|https://user@host<N1>.example.org/x|s3://bucket<N2>/key<N4>/part
data:image/png;base64,<B400>|"image/png": "<B400>"|array([<N6>, <N6>, <N6>])|hash=<N18>
model-<H8>.safetensors|checkpoint-<N5>/optimizer.pt|events.out.tfevents.<N10>.host.<N5>.<N1>
loss=0.<N6> token/s=<N5> auth=False|step <N5>: key=<N3> loss 0.<N4>|tokens seen: <N9>|grad_norm=<N3>.<N4>
author = "Jane Doe <N4>"|authors: J. Doe<N1>, R. Roe|session = Session(engine<N1>)|login(user<N1>)
secrets.token_hex(<N2>)|secrets.choice(alphabet<N1>)|hashlib.sha256(key<N1>).hexdigest()|hmac.new(key, m<N1>)
public_key = "ssh-ed25519 <B68>"|ssh-rsa <B372> me@host|Bearer authentication v<N1>|"token": null
class Token<N1>(Enum): pass|def key<N1>(self): return self.a|from secrets import token<N1>|import keyring<N1>
cookie_name = "theme<N2>"|cookies = load_cookies("c<N2>.txt")|auth = HTTPBasicAuth(user<N1>, pw)|auth_type = "oauth<N1>"
passed = <N3>|bypass = True|compass = "nw<N1>"|passes: <N2>|pass_rate = 0.<N4>|passenger_id = "P<N6>"
token_type = "word_piece<N1>"|token_pattern = r"[a-z0-9]{<N1>,}"|special_tokens_map<N1>.json|tokenizer_v<N1>
key = jax.random.PRNGKey(<N2>)|rng_key = jax.random.split(key, <N1>)|keys = sorted(d<N1>)|dict_keys(['a<N1>'])
arXiv:<N4>.<N5>|doi:10.<N4>/s<N5>-<N3>|version = "1.<N2>.<N1>+cu<N3>"|cuda:<N1>, sm_<N2>|torch==2.<N1>.<N1>
sk-learn-<N1>|sk-estimator-doc-link|hf_hub_download(repo<N1>)|hf_model_name_or_path_<N1>|api-docs-reference-<N2>
"""
"""Lines that only look as if they held one; those between ``|`` are lines of their own."""

_PARTS: Final = 0.3
_LEAST_PART: Final = 8


@dataclass(frozen=True, slots=True)
class Planted:
    """A text in which secrets stand.

    Attributes
    ----------
    form : str
        What was planted, before anything was drawn.
    name : str
        The variable that holds it; empty where the text says what it is.
    text : str
    secrets : tuple of str
    """

    form: str
    name: str
    text: str
    secrets: tuple[str, ...]


def draw(form: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """Return the form with everything drawn, and what was drawn."""
    drawn: list[str] = []

    def one(match: re.Match[str]) -> str:
        letters = _LETTERS[match[1]]
        drawn.append("".join(rng.choice(letters) for _ in range(int(match[2]))))
        return drawn[-1]

    return _DRAWN.sub(one, form), tuple(drawn)


def rows(table: str) -> list[str]:
    """Return the rows of a table."""
    return [row for row in table.split("\n") if row]


def planted(context: str, *, draws: int = 2, seed: int = 0) -> Iterator[Planted]:
    """Yield what is planted in a context, each form so many times."""
    rng = random.Random(f"{context} {seed}")
    for _ in range(draws):
        if context == "file":
            for name, form in _FILES.items():
                text, secrets = draw(form, rng)
                # What stands in a block is looked for line by line; short runs are part of a name.
                yield Planted(name, "", text, tuple(s for s in secrets if len(s) >= _LEAST_PART))
            continue
        for row in rows(_TOKENS) if context == "bare" else rows(_TOKENS) + rows(_NAMED):
            name, form = row.split(" ")
            value, _ = draw(form, rng)
            yield Planted(form, name, in_context(context, name, value), (value,))
        for form in rows(_TEXTS) if context != "bare" else ():
            text, secrets = draw(form, rng)
            longest = tuple(s for s in secrets if len(s) >= _LEAST_PART)
            yield Planted(form, "", in_context(context, "", text), longest)


def in_context(context: str, name: str, value: str) -> str:
    """Return a text of a context that holds a value under a name, or a whole text."""
    named = f'{name} = "{value}"' if name else f'cmd = "{value}"'
    match context:
        case "py":
            return f"import os\n{named}\nprint(1)\n"
        case "yaml":
            return f"lr: 0.1\n{name}: {value}\n" if name else f"lr: 0.1\nnote: '{value}'\n"
        case "diff":
            return f"@@ -1,2 +1,3 @@\n import os\n+{named}\n print(1)\n"
        case "log":
            said = f"{name}={value}" if name else value
            return f"2026-11-25 23:13:01,123 INFO trainer: using {said}\n"
        case "ipynb":
            return json.dumps(
                {"cell_type": "code", "source": ["import os\n", f"{named}\n"]}, indent=1
            )
        case _:
            return f"2026-11-25 23:13:01,123 INFO it answered {value} after 3 s\n"


def is_left(clean: str, planted: Planted) -> bool:
    """Return whether a part of a secret is left that would help anybody: three tenths, at least 8."""
    for secret in planted.secrets:
        size = max(_LEAST_PART, int(len(secret) * _PARTS))
        if any(secret[at : at + size] in clean for at in range(len(secret) - size + 1)):
            return True
    return False


def hard_lines(draws: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Yield lines that hold no secret, with the forms they were drawn from."""
    rng = random.Random(seed)
    for _ in range(draws):
        for form in (one for row in rows(HARD) for one in row.split("|")):
            yield form, draw(form, rng)[0]


def ordinary_files(count: int, seed: int = 0) -> list[Path]:
    """Return source files of the packages that are installed, drawn but always the same ones."""
    found = sorted(Path(sysconfig.get_path("purelib")).rglob("*.py"))
    rng = random.Random(seed)
    return rng.sample(found, min(count, len(found)))
