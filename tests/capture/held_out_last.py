"""The last of the corpora that were held out: written before it was measured, and measured once."""

from __future__ import annotations

from typing import Final

__all__ = ["NAMES", "PASSWORD_NAMES", "SHAPES", "TEMPLATES", "TYPED"]

# As in `held_out_corpus`: A a format that says itself what it is, N one that needs a name, P a password.
TEMPLATES: Final = r"""
ANP kotlin val|    val «c»: String = "«v»"
ANP swift let|let «c» = "«v»"
ANP scala option|.option("«c»", "«v»")
ANP csharp property|public string «C» { get; set; } = "«v»";
ANP typescript field|  private readonly «c»: string = '«v»';
ANP perl hash|my %cfg = («n» => '«v»');
ANP lua table|local cfg = { «n» = "«v»" }
ANP matlab|«c» = '«v»';
ANP elixir config|config :app, «n»: "«v»"
ANP clojure|{:«k» "«v»" :host "«h»"}
ANP nix|  «n» = "«v»";
ANP py nested call|app = build(Settings(Auth(«n»="«v»")))
ANP py match|    case {"«n»": "«v»"}:
ANP py fstring value|url = f"«v»" if x else None  # «w»
ANP py or environ|«N» = os.environ.get("X") or '«v»'
ANP py update item|state.update({'«c»': '«v»'})
ANP py typed dict|opts: dict[str, str] = {"«n»": "«v»"}
ANP py class attr|class Config:\n    «N» = "«v»"
ANP py yaml string|yaml.safe_load("«n»: «v»")
ANP py vault write|client.write("secret/x", «n»="«v»")
ANP py dotenv set|set_key(".env", "«N»", "«v»")
ANP py widget|widgets.Password(value="«v»", description="«w»")
ANP jsonnet|  «c»:: '«v»',
ANP systemd|Environment="«N»=«v»"
ANP crontab|«N»=«v»\n0 3 * * * /opt/run.sh
ANP ssh command|ssh «u»@«h» '«N»=«v» ./run.sh'
ANP make override|make deploy «N»=«v»
ANP nushell|$env.«N» = "«v»"
ANP heredoc|cat > .env <<X\n«N»=«v»\nX
ANP slurm|sbatch --export=ALL,«N»=«v» job.sh
ANP singularity|singularity run --env «N»=«v» img.sif
ANP papermill|papermill in.ipynb out.ipynb -p «n» «v»
ANP conda env|conda env config vars set «N»=«v»
ANP airflow|airflow variables set «n» «v»
ANP dvc remote|dvc remote modify --local store «n» '«v»'
ANP mlflow out|  params: {'lr': 0.1, '«n»': '«v»'}
ANP out settings|Settings: host=«h» «n»=«v»
ANP out pprint|{'auth': {'«n»': '«v»',\n          'user': '«u»'}}
ANP out logging extra|INFO:app:config loaded: «n»: '«v»', host: «h»
ANP out assertion|E       AssertionError: assert '«v»' == «n»
ANP out locals|    «n»      = '«v»'
ANP out repr nested|Client(Auth(user='«u»', «c»='«v»'))
ANP out warning|UserWarning: «n»=«v» is deprecated
ANP prose new|New «w»: «v» (valid for 30 days)
ANP prose changed|changed the «w» to «v»
P conn clickhouse|clickhouse://«u»:«q»@«h»:9000/db
P conn rabbit|pika.PlainCredentials('«u»', '«v»')
P conn cassandra|PlainTextAuthProvider(username='«u»', password='«v»')
P conn hive|beeline -u jdbc:hive2://«h» -n «u» -p «v»
P cli psql uri|psql "host=«h» user=«u» password=«v»"
P cli influx|influx -host «h» -username «u» -password «v»
P cli rclone|rclone config create r webdav user «u» pass «v»
P cli restic|RESTIC_PASSWORD='«v»' restic backup .
P cli kinit|echo «v» | kinit «u»
P cli mount|mount -t cifs //«h»/d /m -o username=«u»,password=«v»
P cli rdesktop|xfreerdp /v:«h» /u:«u» /p:«v»
AN http api token|Api-Token: «v»
AN http goog|x-goog-api-key: «v»
AN http vault|X-Vault-Token: «v»
AN aiohttp|session = aiohttp.ClientSession(headers={"Authorization": f"Bearer «v»"})
AN axios|axios.defaults.headers.common['Authorization'] = 'Bearer «v»';
AN graphql|{"query": "…", "variables": {"«c»": "«v»"}}
AN url hook|https://«h»/hooks/«v»
AN url access|https://«h»/feed?access_token=«q»
A out stack|  at fetch (https://«h»/x) «v»
A md link|[run](https://«h»/?k=1) `«v»`
"""
PASSWORD_NAMES: Final = [
    "kafka password", "sasl password", "jupyter password", "hive pwd", "truststore password", "basic auth pass",
    "email password", "unlock passphrase", "minio root password", "bind pw", "spark auth password", "pgpassword",
]  # fmt: skip
NAMES: Final = [
    "mlflow tracking token", "lakefs secret key", "clearml api secret key", "label studio key", "dagster cloud token",
    "weaviate api key", "embedding api key", "model registry token", "gateway key", "relay token", "hook secret",
    "sso client secret", "grpc auth token", "vault token", "paperspace api key", "ray auth token", "feast secret",
]  # fmt: skip
SHAPES: Final = {
    "unkey": "unkey~_|a28|", "convex": "prod:x~|h56|", "github app": "gh~u_|a36|", "gitlab feed": "gl~ft-|u20|",
    "openai key": "sk~-proj-|u74|T3Blbk~FJ|u74|", "anthropic": "sk~-ant-api03-|u93|AA", "hf": "h~f_|L34|",
    "groq": "gs~k_|a52|", "aws": "AK~IA|U16|", "slack": "xox~e-1-|u146|", "jwt": "|jwt|", "npm": "np~m_|a36|",
    "sendinblue": "xsmtp~sib-|h64|-|a16|", "langsmith": "lsv2_~sk_|h32|_|h10|", "vercel": "vc~p_|a56|",
    "scw": "SCW~|U17|", "cloudsmith": "csm~_|a32|", "upstash": "AX~|b62|==", "axiom": "xaa~t-|uuid|", "novu": "nv~_|h32|",
}  # fmt: skip
TYPED: Final = {
    "name and sign": "|m6||d3|?", "capital and digits": "|U1||m7||d2|", "mixed": "|a12|9", "pairs": "|m4|.|U2||d4|!",
}  # fmt: skip
