"""The forms of tokens that services give out: prefix, alphabet, length. All of it is public."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from runfolio.capture.secrets.allowed import looks_mixed
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.vendors import vendor_tokens

__all__ = ["FORMATS", "Format", "tokens_in"]

_ALPHABETS: Final = {
    "a": "A-Za-z0-9",
    "w": r"A-Za-z0-9_\-",
    "d": r"A-Za-z0-9._\-",
    "b": "A-Za-z0-9+/=",
    "e": r"A-Za-z0-9_\-=.+/%",
    "h": "0-9a-f",
    "x": "0-9a-fA-F",
    "l": "a-z0-9",
    "u": "A-Z0-9",
    "n": "0-9",
}

# kind, what it begins with, alphabet of the rest, its least and, after a dash, greatest length.
_TABLE: Final = """
anthropic-key sk-ant- w 24
openrouter-key sk-or- w 24
openai-key sk-proj- w 24
openai-key sk-svcacct- w 24
openai-key sk-admin- w 24
openai-key sk-None- w 24
model-key sk- a 32
huggingface-token hf_ a 30
huggingface-token api_org_ a 30
replicate-token r8_ a 30
groq-key gsk_ a 40
perplexity-key pplx- a 32
xai-key xai- a 40
fireworks-key fw_ a 20-32
together-key tgp_v1_ w 30
nvidia-key nvapi- w 40
langsmith-key lsv2_pt_ w 32
langsmith-key lsv2_sk_ w 32
wandb-key wandb_v1_ w 32
kaggle-token KGAT_ h 32
databricks-token dapi h 32
pinecone-key pcsk_ w 40
cerebras-key csk- a 32
voyage-key pa- w 40
nomic-key nk- w 40
anyscale-token esecret_ a 20
jina-key jina_ w 40
tavily-key tvly- w 24
e2b-key e2b_ h 32
comet-key cmt_ a 24
github-token ghp_ a 36
github-token gho_ a 36
github-token ghu_ a 36
github-token ghs_ a 36
github-token ghr_ a 36
github-token github_pat_ w 40
gitlab-token glpat- d 20
gitlab-token gldt- w 20
gitlab-token glrt- d 20
gitlab-token glcbt- w 20
gitlab-token glptt- h 40
gitlab-token glft- w 20
gitlab-token glsoat- w 20
gitlab-token glagent- w 50
gitlab-token gloas- w 60
gitlab-token GR1348941 w 20
slack-token xoxb- w 20
slack-token xoxp- w 20
slack-token xoxa- w 20
slack-token xoxr- w 20
slack-token xoxs- w 20
slack-token xoxc- w 20
slack-token xoxd- e 20
slack-token xoxe- w 20
slack-token xoxe.xox w 20
slack-token xapp- w 20
stripe-key sk_live_ a 20
stripe-key sk_test_ a 20
stripe-key rk_live_ a 20
stripe-key rk_test_ a 20
stripe-webhook-secret whsec_ b 20
aws-access-key AKIA u 16-16
aws-access-key ASIA u 16-16
aws-access-key ABIA u 16-16
aws-access-key ACCA u 16-16
aws-bedrock-key ABSK b 100
google-key AIza w 35-35
google-client-secret GOCSPX- w 28
google-access-token ya29. w 30
google-refresh-token 1//0 w 30
digitalocean-token dop_v1_ h 64
digitalocean-token doo_v1_ h 64
digitalocean-token dor_v1_ h 64
heroku-key HRKU- w 30
fly-token fo1_ w 40
fly-token fm1_ e 60
fly-token fm2_ e 60
render-key rnd_ a 28
netlify-token nfp_ a 36
vercel-token vcp_ w 24
supabase-key sbp_ h 40
supabase-key sb_secret_ w 24
planetscale-token pscale_tkn_ d 32
planetscale-password pscale_pw_ d 32
planetscale-token pscale_oauth_ d 32
neon-key napi_ a 40
neon-password npg_ a 12
sonar-token sqp_ h 40
sonar-token squ_ h 40
sonar-token sqa_ h 40
aiven-password AVNS_ w 16
google-key AQ.Ab8 w 40
doppler-token dp.pt. a 40
doppler-token dp.st. d 40
doppler-token dp.ct. a 40
vault-token hvs. w 24
vault-token hvb. w 24
vault-token hvr. w 24
npm-token npm_ a 36
pypi-token pypi-AgEI w 40
rubygems-key rubygems_ h 48
nuget-key oy2 l 43-43
docker-token dckr_pat_ w 24
docker-token dckr_oat_ w 24
artifactory-key AKCp a 60
artifactory-token cmVmdGtu a 50
clojars-token CLOJARS_ l 60
crates-token cio a 32-32
sendgrid-key SG. d 60
mailgun-key key- h 32-32
brevo-key xkeysib- w 60
brevo-key xsmtpsib- w 60
linear-key lin_api_ a 40
linear-key lin_oauth_ h 60
notion-token ntn_ a 40
notion-token secret_ a 43-43
airtable-token pat d 79-79
figma-token figd_ w 40
figma-token figo_ w 36
atlassian-token ATATT3 e 100
atlassian-token ATCTT3 e 100
bitbucket-token ATBB a 24
bitbucket-token BBDC- b 40
dropbox-token sl. w 100
shopify-token shpat_ x 32
shopify-token shpss_ x 32
shopify-token shpca_ x 32
shopify-token shppa_ x 32
square-token sq0atp- w 22
square-secret sq0csp- w 40
square-token EAAA w 60
facebook-token EAAC a 60
facebook-token EAAG a 60
facebook-token EAAB a 60
facebook-token EAACEdEose0cBA a 20
twitter-token AAAAAAAAAAAAAAAAAAAA e 60
newrelic-key NRAK- u 27
newrelic-key NRII- w 32
newrelic-key NRJS- h 19
grafana-token glsa_ w 40
grafana-token glc_ b 32
grafana-key eyJrIjoi b 70
sentry-token sntrys_ e 60
sentry-token sntryu_ h 64
honeycomb-key hcaik_ l 58
honeycomb-key hcbik_ l 58
honeycomb-key hcxik_ l 58
postman-key PMAK- w 50
readme-key rdme_ l 60
pulumi-token pul- h 40
prefect-key pnu_ a 36
prefect-key pnb_ a 36
tailscale-key tskey- w 24
onepassword-token ops_eyJ b 200
age-key AGE-SECRET-KEY-1 u 58
dynatrace-token dt0c01. d 80
dynatrace-token dt0s16. d 80
easypost-key EZAK a 54
easypost-key EZTK a 54
flutterwave-key FLWSECK w 32
duffel-token duffel_live_ w 43
duffel-token duffel_test_ w 43
frameio-token fio-u- w 60
contentful-token CFPAT- w 40
sourcegraph-token sgp_ w 40
typeform-token tfp_ d 40
yandex-key AQVN w 35
yandex-token y0_ w 50
yandex-token t1. e 80
shippo-token shippo_live_ h 40
shippo-token shippo_test_ h 40
intra-secret s-s4t2 l 60
buildkite-token bkua_ h 40
circleci-token CCIPAT_ w 40
lichess-token lip_ w 20
infracost-key ico- a 32-32
openshift-token sha256~ w 40
octopus-key API- u 26-26
plaid-token access-sandbox- w 36
plaid-token access-production- w 36
adobe-secret p8e- w 32
alibaba-key LTAI a 16-22
tencent-key AKID a 32-32
adafruit-key aio_ a 28-28
defined-token dnkey- e 60
scalingo-token tk-us- w 48
settlemint-token sm_ w 20-24
launchdarkly-key sdk- w 36-36
launchdarkly-key api- w 36-36
mapbox-token sk.eyJ d 60
ionic-token ion_ a 42
highnote-key rk_live_ w 24
razorpay-key rzp_live_ a 14
paystack-key sk_live_ a 40
mongodb-key mdb_sa_sk_ w 30
confluent-key cflt a 56
zilliz-key db_ h 32-32
upstash-token AX b 64-64
cloudflare-token v1.0- w 100
cloudflare-token cfut_ w 40
trello-token ATTA x 60
posthog-key phx_ w 40
deepgram-key dg_ w 36
livekit-secret lk_ w 36
modal-token ak- a 22-22
modal-secret as- a 22-22
lightning-key lit_ w 32
"""

# Forms that have no prefix of their own, or more inner structure than the table can say. What
# stands first is searched for; the rest is tried there.
_SHAPES: Final = (
    ("json-web-token", "eyJ", r"eyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]{8,}"),
    ("neptune-token", "eyJhcGlfYWRkcmVzc", r"eyJhcGlfYWRkcmVzc[A-Za-z0-9+/=]{40,}"),
    # What begins a JSON text in base64, with a signature behind it.
    ("signed-token", "eyJ", r"eyJ[\w\-]{20,}={0,2}(?:[._][\w\-+/]{20,}){1,3}={0,2}"),
    ("signed-token", "p.eyJ", r"p\.eyJ[\w\-]{20,}\.[\w\-]{20,}"),
    ("azure-devops-token", "AZDO", r"AZDO[A-Za-z0-9]{4}(?![\w\-])"),
    ("slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,}"),
    ("discord-webhook", "/api/webhooks/", r"/api/webhooks/\d{15,}/[\w\-]{40,}"),
    ("teams-webhook", ".webhook.office.com/", r"\.webhook\.office\.com/[\w\-/@]{40,}"),
    ("zapier-webhook", "hooks.zapier.com/", r"hooks\.zapier\.com/hooks/catch/[\w/]{10,}"),
    ("azure-key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
    ("azure-key", "SharedAccessKey=", r"SharedAccessKey=[A-Za-z0-9+/]{40,}={0,2}"),
    ("azure-secret", "8Q~", r"8Q~[\w.~\-]{31,34}"),
    ("azure-secret", "7Q~", r"7Q~[\w.~\-]{31,34}"),
    ("terraform-token", ".atlasv1.", r"\.atlasv1\.[\w\-]{40,}"),
    ("mailchimp-key", "-us", r"-us\d{1,2}(?![\w\-])"),
    ("telegram-token", ":AA", r":AA[\w\-]{32,34}(?![\w\-])"),
)  # fmt: skip
# What belongs to such a form on its left.
_BEFORE: Final = {
    "azure-secret": lazily(rb"[\w.~\-]{3}$"),
    "azure-devops-token": lazily(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{76}$"),
    "terraform-token": lazily(rb"[A-Za-z0-9]{14}$"),
    "mailchimp-key": lazily(rb"(?<![0-9a-f])[0-9a-f]{32}$"),
    "telegram-token": lazily(rb"(?<!\d)\d{8,10}$"),
}
_DISCORD: Final = lazily(rb"(?<![\w\-])[MNO][\w\-]{23,26}\.[\w\-]{6}\.[\w\-]{27,40}(?![\w\-])")
# The keys of Azure's stores have no beginning of their own; checksums of packages tell theirs.
_AZURE: Final = lazily(rb"(?<![A-Za-z0-9+/\-=])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])")
_ANY_DIGIT: Final = lazily(rb"\d")
_LEFT: Final = 96
# What is no longer is asked for each start by itself: no expression of all is made for a name.
_SHORT: Final = 300
# A token is a run of such letters; in ordinary text few are so long.
_RUN: Final = lazily(rb"[A-Za-z0-9_\-./+=~:%]{16,}")


@dataclass(frozen=True, slots=True)
class Format:
    """One form of token: what it is searched by, and the pattern of what stands there."""

    kind: str
    start: bytes
    pattern: bytes


def _formats() -> Iterator[Format]:
    for row in _TABLE.split("\n"):
        if row:
            kind, start, alphabet, length = row.split(" ")
            least, _, most = length.partition("-")
            rest = f"[{_ALPHABETS[alphabet]}]"
            # Of a fixed length: one more of its letters, and it is something else.
            end = f"(?!{rest})" if most else ""
            form = re.escape(start) + f"{rest}{{{least},{most or '4096'}}}{end}"
            yield Format(kind, start.encode(), form.encode())
    for kind, start, shape in _SHAPES:
        yield Format(kind, start.encode(), shape.encode())


FORMATS: Final = tuple(_formats())
"""Every form that is known, the more special ones of a service first."""

# Longest first: what begins with `sk-ant-` is not looked up as `sk-`.
_STARTS: Final = sorted({one.start for one in FORMATS}, key=len, reverse=True)


@functools.cache
def _by_start(start: bytes) -> list[Format]:
    return [one for one in FORMATS if start.startswith(one.start)]


def _tree(starts: Iterable[bytes]) -> bytes:
    """Return a pattern that reads the longest of these, each letter once."""
    by_first: dict[bytes, list[bytes]] = {}
    for start in starts:
        by_first.setdefault(start[:1], []).append(start[1:])
    ends = by_first.pop(b"", None)
    branches = b"|".join(re.escape(first) + _tree(rest) for first, rest in by_first.items())
    return b"(?:" + branches + b")" + (b"?" if ends else b"") if branches else b""


@functools.cache
def _search() -> re.Pattern[bytes]:
    """Return what finds the start of any token: made when one is looked for in a longer text."""
    # Most begin a word; the others are joined to what stands before them.
    joined = [
        start for start in _STARTS if not start[:1].isalnum() or b"Q~" in start or start == b"AZDO"
    ]
    begin = _tree(start for start in _STARTS if start not in joined)
    return re.compile(rb"(?<![A-Za-z0-9_])" + begin + b"|" + _tree(joined))


def _may_hold_one(text: bytes) -> bool:
    """Return whether a text is long, or holds a start of a token."""
    return len(text) > _SHORT or any(start in text for start in _STARTS)


def tokens_in(text: bytes, check: Callable[[], None]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of each token that shows by its form alone.

    Parameters
    ----------
    text : bytes
        UTF-8.
    check : callable
        Called again and again; raises to end the search.
    """
    for run in _RUN.finditer(text):
        check()
        found_starts = _search().finditer(text, *run.span()) if _may_hold_one(text) else ()
        for hit in found_starts:
            for one in _by_start(hit[0]):
                found = _compiled(one.pattern).match(text, hit.start())
                start = _start(text, hit.start(), one) if found is not None else None
                if found is not None and start is not None and _is_random(found[0], one):
                    yield start, found.end(), one.kind
                    break
        yield from vendor_tokens(text, *run.span())
        if run[0].endswith(b"=="):
            for found in _AZURE.finditer(text, run.start(), run.end()):
                yield found.start(), found.end(), "azure-key"
        if b"." in run[0]:
            for found in _DISCORD.finditer(text, run.start(), run.end()):
                yield found.start(), found.end(), "discord-token"


@functools.cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    # Most forms are never met: two hundred patterns are not made beforehand.
    return re.compile(pattern)


def _start(text: bytes, at: int, format_: Format) -> int | None:
    """Return where the token begins; ``None`` where what belongs before it is missing."""
    needed = _BEFORE.get(format_.kind)
    if needed is None:
        return at
    left = needed.search(text[max(0, at - _LEFT) : at])
    return None if left is None else at - len(left[0])


def _is_random(token: bytes, format_: Format) -> bool:
    """Return whether the rest looks drawn: words joined by dashes have no digit, or little else."""
    rest = token[len(format_.start) :]
    if len(format_.start) > len("dapi") and not rest.islower():
        return True
    if looks_mixed(rest):
        return True
    return bool(_ANY_DIGIT.search(rest)) and len(set(rest)) > min(8, len(rest) // 3)
