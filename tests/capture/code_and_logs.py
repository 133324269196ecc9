"""Secrets as people leave them: whole pieces of notebooks, scripts, settings, logs and tracebacks.

Written from code and logs, without a look at the table of forms; values are drawn when the tests run.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Final

from tests.capture.secret_corpus import Planted, draw

__all__ = ["ORDINARY", "left_by_people"]

_WORDS: Final = (
    "hunter", "dragon", "summer", "monkey", "shadow", "winter", "tiger", "falcon", "orange",
    "guitar", "silver", "purple", "garden", "rocket", "coffee", "planet",
)  # fmt: skip
# P: a word and digits; Q: a word with a capital, digits and a sign; R: two words, nothing else.
_TYPED: Final = re.compile(r"<([PQR])>")

_NOTEBOOK: Final = r"""
wandb.login(key="<H40>")
wandb.login(key='<H40>', relogin=True)
wandb.login(relogin=True, force=True, key="<H40>")
!wandb login <H40>
! wandb login --relogin <H40>
!wandb login --host=https://wandb.lab.example <H40>
os.environ["WANDB_API_KEY"] = "<H40>"
os.environ['OPENAI_API_KEY'] = 'sk-<A48>'
os.environ["AZURE_OPENAI_KEY"]="<H32>"
os.environ["GOOGLE_API_KEY"] = 'AIza<W35>'
os.environ.update({"AWS_ACCESS_KEY_ID": "AKIA<U16>", "AWS_SECRET_ACCESS_KEY": "<B40>"})
os.environ.update(WANDB_API_KEY="<H40>", WANDB_MODE="online")
os.environ |= {"COMET_API_KEY": "<A25>"}
os.putenv("NEPTUNE_API_TOKEN", "<A60>")
os.environ.setdefault("LABEL_STUDIO_TOKEN", "<H40>")
os.environ["LABEL_STUDIO_API_KEY"] = "<H40>"
label_studio_token = "<H40>"
%env WANDB_API_KEY=<H40>
%env OPENAI_API_KEY sk-<A48>
%env HF_TOKEN = hf_<A34>
%set_env AWS_SECRET_ACCESS_KEY=<B40>
%set_env KAGGLE_KEY <H32>
!export OPENAI_API_KEY=sk-<A48> && python run.py
!pip install -q --extra-index-url https://me:<A24>@pypi.lab.example/simple/ corp-tools
!pip install --index-url=https://__token__:<A32>@gitlab.lab.example/api/v4/projects/12/packages/pypi/simple x
!pip install git+https://ghp_<A36>@github.com/lab/private.git
!pip install git+https://oauth2:<A20>@gitlab.lab.example/lab/private.git@main
%pip install git+https://jane:<A40>@github.com/lab/private.git
!git clone https://jane:<A36>@github.com/lab/private.git
!git clone https://<H40>@github.com/lab/private.git
!git clone https://x-access-token:<A40>@github.com/lab/p.git
!git remote set-url origin https://jane:<P>@git.lab.example/p.git
!huggingface-cli login --token hf_<A34>
!huggingface-cli login --token <A37> --add-to-git-credential
!echo "machine api.wandb.ai login user password <H40>" > ~/.netrc
!echo '{"username":"jane","key":"<H32>"}' > ~/.kaggle/kaggle.json
!kaggle config set -n key -v <H32>
!ngrok authtoken <A49>
!ngrok config add-authtoken <A49>
ngrok.set_auth_token("<A49>")
!aws configure set aws_secret_access_key <B40>
!az login --service-principal -u app -p <W34> --tenant t
!az storage blob upload --account-name x --account-key <B86>== -f y
!docker login -u jane -p <A24> registry.lab.example
!docker login --username jane --password <P> registry.lab.example
!echo <A24> | docker login -u jane --password-stdin
!curl -H "Authorization: Bearer <W40>" https://api.lab.example/v1/runs
!curl -s -H 'X-Api-Key: <H32>' https://api.lab.example
!curl -u jane:<P> https://api.lab.example/v1
!curl --user "jane:<Q>" https://api.lab.example/v1
!curl --header 'PRIVATE-TOKEN: <W20>' https://gitlab.lab.example/api/v4/projects
!curl -X POST -d '{"password": "<P>", "user": "jane"}' https://api.lab.example/login
!curl -d "grant_type=password&client_secret=<W40>&username=jane" https://auth.lab.example
!wget --http-user=jane --http-password=<P> https://data.lab.example/x.zip
!wget --header="Authorization: token <H40>" https://data.lab.example/x.zip
!wget -q "https://civitai.example/api/download/models/12?token=<H32>" -O m.safetensors
!sshpass -p '<P>' scp a jane@host:
!PGPASSWORD=<P> psql -h db -U jane runs
!mysql -ujane -p<P> runs
!redis-cli -h cache -a <P> ping
!mongosh "mongodb://jane:<P>@mongo.lab.example/runs"
!sudo -S apt-get install x <<< "<Q>"
!unzip -P <P> data.zip
!7z x data.7z -p<Q>
!openssl enc -d -aes-256-cbc -k <Q> -in x
openai.api_key = "sk-<A48>"
openai.api_key="<H32>"
client = OpenAI(api_key="sk-proj-<W74>")
client = OpenAI(base_url="http://llm.lab.example/v1", api_key="<A32>")
client = anthropic.Anthropic(api_key="sk-ant-api03-<W93>AA")
llm = ChatOpenAI(temperature=0, openai_api_key="<A48>", model="gpt-4o")
co = cohere.Client("<A40>")
co = cohere.ClientV2('<A40>')
genai.configure(api_key="AIza<W35>")
pinecone.init(api_key="<H8>-<H4>-<H4>-<H4>-<H12>", environment="us-east1-gcp")
pc = Pinecone("<H8>-<H4>-<H4>-<H4>-<H12>")
qdrant = QdrantClient("https://q.lab.example:6333", api_key="<A54>")
deepl.Translator("<H8>-<H4>-<H4>-<H4>-<H12>:fx")
replicate.Client(api_token="r8_<A37>")
api = HfApi(token="hf_<A34>")
api = HfApi(endpoint="https://hub.lab.example", token='<A37>')
login("hf_<A34>")
notebook_login(token="<A37>")
model = AutoModel.from_pretrained("lab/private", use_auth_token="<A37>")
ds = load_dataset("lab/private", token="<A37>")
run = neptune.init_run(project="lab/p", api_token="eyJ<A120>==")
experiment = Experiment(api_key="<A25>", project_name="p")
experiment = comet_ml.Experiment("<A25>")
task.set_credentials(api_host="h", key="<U20>", secret="<A50>")
dagshub.auth.add_app_token("<H40>")
mlflow.set_tracking_uri("https://jane:<P>@mlflow.lab.example")
gh = Github("<H40>")
gh = Github(login_or_token="<H40>")
slack = WebClient(token="xoxb-<N12>-<N12>-<A24>")
requests.post("https://hooks.slack.com/services/T<U8>/B<U10>/<A24>", json={"text": "done"})
bot = telegram.Bot("<N10>:AA<W33>")
bot = telegram.Bot(token='<N10>:AA<W33>')
boto3.client("s3", aws_access_key_id="AKIA<U16>", aws_secret_access_key="<B40>")
s3 = boto3.resource('s3', region_name='x', aws_session_token='<B160>')
session = boto3.Session("AKIA<U16>", "<B40>")
fs = s3fs.S3FileSystem(key="AKIA<U16>", secret="<B40>")
fs = s3fs.S3FileSystem(anon=False, secret='<B40>', key='<A20>')
minio = Minio("s3.lab.example", access_key="<A20>", secret_key="<A40>")
storage_options={"key": "<U20>", "secret": "<A40>"}
df = pd.read_parquet("s3://b/x", storage_options={"account_key": "<B86>=="})
BlobServiceClient.from_connection_string("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=<B86>==;EndpointSuffix=core.example")
BlobServiceClient("https://a.blob.example", credential="<B86>==")
credential = AzureKeyCredential("<A52>")
ClientSecretCredential("t", "c", "<A40>")
service_account.Credentials.from_service_account_info({"private_key_id": "x1", "client_secret": "<W40>"})
conn = psycopg2.connect("dbname=runs user=jane password=<P> host=db")
conn = psycopg2.connect(host="db", user="jane", password="<P>")
conn = psycopg2.connect(host="db", user="jane", password="<R>")
conn = pymysql.connect("db", "jane", "<Q>", "runs")
conn = pymysql.connect(host='db', user='jane', passwd='<P>', db='runs')
conn = pyodbc.connect("DRIVER={x};SERVER=db;UID=jane;PWD=<Q>")
conn = snowflake.connector.connect(user="jane", account="a", password='<Q>')
conn = sqlalchemy.create_engine("postgresql+psycopg2://jane:<P>@db:5432/runs")
engine = create_engine('mysql://jane:<Q>@db/runs', echo=True)
engine = create_engine(f"postgresql://jane:<P>@{HOST}/runs")
engine = create_engine("postgresql://" + "jane" + ":" + "<A16>" + "@db/runs")
client = MongoClient("mongodb+srv://jane:<P>@c0.example.net/?retryWrites=true")
r = redis.Redis(host="cache", password="<P>")
r = redis.from_url("redis://:<P>@cache:6379/0")
ssh.connect("host", username="jane", password="<P>")
ssh.connect('host', 22, 'jane', '<Q>')
smtp.login("jane@lab.example", "<Q>")
server.login('jane@lab.example', '<L4> <L4> <L4> <L4>')
imap = imaplib.IMAP4_SSL("h"); imap.login("jane", "<P>")
ftp = FTP("host", "jane", "<P>")
es = Elasticsearch("https://es:9200", basic_auth=("elastic", "<A24>"))
es = Elasticsearch(["h"], http_auth=('jane', '<P>'))
requests.get(url, auth=("jane", "<P>"))
requests.get(url, auth=HTTPBasicAuth("jane", "<P>"))
requests.get(url, headers={"Authorization": "Bearer <W40>"})
requests.get(url, headers={'Authorization': 'Basic <B32>='})
requests.get(url, headers={"x-api-key": "<A40>"})
requests.get(url, headers={"Ocp-Apim-Subscription-Key": "<H32>"})
requests.get(url, cookies={"sessionid": "<L32>"})
requests.get(url, cookies={"session": "<A60>", "csrftoken": "<A64>"})
headers = {"cookie": "csrftoken=<A32>; sessionid=<L32>"}
requests.get(url, params={"apikey": "<A16>"})
requests.get(url, params={"appid": "<H32>", "q": "x"})
requests.get(f"https://api.lab.example/w?lat={lat}&appid=<H32>")
requests.get("https://api.lab.example/v1/data?api_key=<A40>&x=1")
pd.read_csv("https://raw.example/p/x.csv?token=<U29>")
pd.read_csv("https://b.s3.example.com/x.csv?AWSAccessKeyId=AKIA<U16>&Signature=<A27>%3D&Expires=1700000000")
pd.read_csv("https://b.s3.example.com/x.csv?X-Amz-Algorithm=A&X-Amz-Credential=AKIA<U16>%2F2&X-Amz-Signature=<H64>")
pd.read_csv("https://storage.example.com/b/x?GoogleAccessId=a&Expires=1&Signature=<B86>%3D%3D")
pd.read_csv("https://storage.example.com/b/x?X-Goog-Credential=a&X-Goog-Signature=<H256>")
pd.read_parquet("https://a.blob.example/c/x?sv=2023-01-03&se=2025&sr=b&sp=r&sig=<A43>%3D")
password = "<P>"
password = '<R>'
PASSWORD = "<Q>"
passwd="<P>"
pw = "<P>"
my_password = "<P>"
username, password = "jane", "<P>"
user = "jane"; pwd = "<P>"
TOKEN = "<A40>"
token='<H40>'
MY_SECRET = "<A32>"
API_KEY = "<H32>"
APIKEY: Final = "<H32>"
api_key = ("<A20>" "<A20>")
api_key = (¶    "<A40>"¶)
api_key = \¶    "<A40>"
key = "sk-<A48>"
config = {"lr": 0.1, "api_key": "<A40>"}
config = {"db": {"user": "jane", "password": "<P>"}}
config = dict(user="jane", password="<R>")
CREDS = {"jane": "<Q>", "joe": "<Q>"}
creds = ("jane", "<Q>")
args = parser.parse_args(["--api-key", "<A32>", "--lr", "0.1"])
args = parser.parse_args("--token <A32> --lr 0.1".split())
parser.add_argument("--api_key", type=str, default="<A40>", help="the key")
@click.option("--password", default="<P>")
def connect(host, password="<P>"):
def connect(host: str, token: str = "<A40>") -> None:
api_key: str = field(default="<A40>")
api_key: SecretStr = SecretStr("<A40>")
keyring.set_password("lab", "jane", "<Q>")
userdata_token = "<A40>"  # userdata.get('HF_TOKEN')
assert token == "<A40>"
if password != "<P>": raise SystemExit
jwt.encode({"a": 1}, "<A40>", algorithm="HS256")
jwt_token = "eyJ<A33>.eyJ<A60>.<W43>"
Fernet(b"<W43>=")
f = Fernet("<W43>=")
fernet_key = b'<W43>='
app.secret_key = b'<A16>'
app.config["SECRET_KEY"] = "<W50>"
app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://jane:<P>@db/runs'
SECRET_KEY = 'django-insecure-<A50>'
twilio = Client("AC<N10>", "<H32>")
stripe.api_key = "sk_live_<A24>"
auth = tweepy.OAuthHandler("<A25>", "<A50>")
auth.set_access_token("<N19>-<A40>", "<A45>")
reddit = praw.Reddit(client_id="x1", client_secret="<W27>", password="<P>")
spark.conf.set("fs.azure.account.key.a.dfs.example.net", "<B86>==")
spark._jsc.hadoopConfiguration().set("fs.s3a.secret.key", "<B40>")
.config("spark.hadoop.fs.s3a.secret.key", "<B40>")
kernel_gateway_token = "<H48>"
ray.init("ray://h", _redis_password="<P>")
""" + "\n".join([
    'key_pem = """-----BEGIN PRIVATE ' + 'KEY-----¶<B64>¶<B64>¶<B64>¶-----END PRIVATE ' + 'KEY-----"""',
    'key_pem = "-----BEGIN RSA PRIVATE ' + 'KEY-----\\n<B64>\\n<B64>\\n-----END RSA PRIVATE ' + 'KEY-----"',
    'k = ("-----BEGIN EC PRIVATE ' + 'KEY-----\\n"¶     "<B64>\\n"¶     "<B64>\\n"¶     "-----END EC PRIVATE ' + 'KEY-----")',
])  # fmt: skip

_LOG: Final = r"""
2026-01-01 12:00:00,123 DEBUG urllib3 header: Authorization: Bearer <W40>
DEBUG:urllib3.connectionpool:https://api.lab.example:443 "GET /v1?api_key=<A40> HTTP/1.1" 200
send: b'GET /v1 HTTP/1.1\r\nHost: x\r\nx-api-key: <A40>\r\n\r\n'
send: b'POST / HTTP/1.1\r\nAuthorization: Basic <B32>=\r\nAccept: */*\r\n'
header: Set-Cookie: session=<A40>; Path=/; HttpOnly
> Authorization: token <H40>
< set-cookie: auth=<W64>; Max-Age=3600
{'Authorization': 'Bearer <W40>', 'Accept': '*/*'}
{"level":"debug","headers":{"authorization":["Bearer <W40>"]},"msg":"x"}
{"access_token":"<W64>","token_type":"Bearer","expires_in":3600,"refresh_token":"<W48>"}
{'user': 'jane', 'password': '<P>'}
{"event": "login", "password": "<R>"}
Namespace(lr=0.1, token='<A37>', epochs=3)
Config(lr=0.1, api_key='<A40>', seed=1)
Settings(openai_api_key='sk-<A48>', db_password='<P>')
using api key <A40>
Using API key: <A40>
Your token is: <A40>
token: <A40>
password is <Q>
Password: <Q>
API token = <H40>
loaded OPENAI_API_KEY=sk-<A48> from .env
export AWS_SECRET_ACCESS_KEY=<B40>
HF_TOKEN=hf_<A34>
AWS_SESSION_TOKEN=<B160>
environ({'PATH': '/usr/bin', 'WANDB_API_KEY': '<H40>', 'HOME': '/root'})
openai.AuthenticationError: Incorrect API key provided: sk-<A48>. You can find your API key at https://x
ValueError: invalid token '<A40>'
KeyError: '<A48>' is not a valid api key
    raise ValueError(f"bad key {api_key}")  # api_key = '<A40>'
sqlalchemy.exc.OperationalError: could not connect to postgresql://jane:<P>@db:5432/runs
psycopg2.OperationalError: connection to "host=db user=jane password=<P>" failed
requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://x.s3.example/k?X-Amz-Signature=<H64>
requests.exceptions.HTTPError: 401 for url: https://api.lab.example/v1?appid=<H32>&q=x
redis.exceptions.AuthenticationError: redis://:<P>@cache:6379
fatal: could not read from 'https://jane:<A36>@github.com/lab/p.git/'
remote: https://oauth2:<A20>@gitlab.lab.example/p.git
Looking in indexes: https://me:<A24>@pypi.lab.example/simple/
+ curl -H 'Authorization: Bearer <W40>' https://x
+ export TOKEN=<A40>
Running: python train.py --api-key <A32> --lr 0.1
Running: ['python', 'train.py', '--token', '<A32>', '--lr', '0.1']
subprocess.CalledProcessError: Command '['git', 'clone', 'https://jane:<A36>@github.com/lab/p']' returned 128
subprocess.CalledProcessError: Command 'mysql -ujane -p<P> runs' returned non-zero exit status 1
ps: root 12 python serve.py --password=<P> --port 80
Jupyter Server is running at http://localhost:8888/lab?token=<H48>
    http://127.0.0.1:8888/?token=<H48>
Dask dashboard: http://h:8787/status?auth_token=<H40>
jane@host's password: <Q>
sent mail with user=jane pass=<Q>
connecting with {'host': 'db', 'pwd': '<Q>', 'port': 1}
│ password     │ <Q>            │
api_key                 <A40>
wandb: Paste an API key from your profile and hit enter: <H40>
Token: <A37>
hooks: https://hooks.slack.com/services/T<U8>/B<U10>/<A24>
eyJ<A33>.eyJ<A60>.<W43>
ghp_<A36>
    api_key = "<A40>"
---> 12 client = OpenAI(api_key="<A48>")
/tmp/x.py:12: in f\n    login(token='<A37>')
E       AssertionError: assert 'x' == 'ghp_<A36>'
token      = '<A40>'
password = '<P>'
"""

_SETTINGS: Final = {
    "yaml": "db:\n  user: jane\n  password: <P>\n",
    "yaml word": "db:\n  user: jane\n  password: <R>\n",
    "yaml sign": "db:\n  password: <Q>\n  port: 5432\n",
    "yaml quoted": "db:\n  password: '<P>'\n",
    "yaml token": "wandb:\n  api_key: <H40>\nhf_token: hf_<A34>\n",
    "yaml list": "tokens:\n  - <A40>\n  - <A40>\n",
    "yaml env": "env:\n  - name: DB_PASSWORD\n    value: <Q>\n",
    "yaml env quoted": 'env:\n- name: API_TOKEN\n  value: "<A40>"\n',
    "yaml secret": "kind: Secret\nstringData:\n  password: <P>\n  api-key: <A32>\n",
    "yaml base64": "kind: Secret\ndata:\n  token: <B40>\n",
    "kubeconfig": "users:\n- name: jane\n  user:\n    client-key-data: <B200>\n    token: <A60>\n",
    "compose": "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: <P>\n      TZ: UTC\n",
    "compose url": "      DATABASE_URL: postgres://jane:<P>@db/runs\n",
    "toml": '[db]\nuser = "jane"\npassword = "<P>"\ntoken = "<A40>"\n',
    "toml word": '[db]\npassword = "<R>"\n',
    "secrets.toml": 'OPENAI_API_KEY = "sk-<A48>"\n[connections.snowflake]\npassword = "<Q>"\n',
    "ini": "[db]\nuser = jane\npassword = <P>\n",
    "ini word": "[db]\nuser=jane\npassword=<R>\n",
    "aws": "[default]\naws_access_key_id=AKIA<U16>\naws_secret_access_key=<B40>\n",
    "pypirc": "[pypi]\nusername = jane\npassword = <Q>\n",
    "pip.conf": "[global]\nextra-index-url = https://jane:<A24>@pypi.lab.example/simple\n",
    "netrc": "machine api.wandb.ai\n  login user\n  password <H40>\n",
    "netrc line": "machine h login jane password <P>\n",
    "dotenv": "DB_USER=jane\nDB_PASSWORD=<P>\nDB_PASS=<Q>\nDEBUG=1\n",
    "dotenv quoted": 'DB_PASSWORD="<Q>"\nAPI_KEY=\'<A40>\'\nexport HF_TOKEN=<A37>\n',
    "dotenv word": "DB_PASSWORD=<R>\n",
    "dotenv keys": "OPENAI_KEY=<A48>\nAZURE_KEY1=<H32>\nSTRIPE_SK=sk_live_<A24>\nSALT=<H32>\n",
    "dotenv odd": "GH_PAT=<A40>\nSENTRY_DSN=https://<H32>@o1.ingest.example/2\nSUPABASE_ANON=eyJ<A33>.eyJ<A60>.<W43>\n",
    "json": '{\n  "user": "jane",\n  "password": "<P>",\n  "apiKey": "<A40>"\n}\n',
    "json compact": '{"db":{"host":"h","password":"<R>"},"token":"<A40>"}\n',
    "service account": '{\n  "type": "service_account",\n  "private_key_id": "x1",\n  "private_key": "-----BEGIN PRIVATE '
     'KEY-----\\n<B64>\\n<B64>\\n-----END PRIVATE ' + 'KEY-----\\n"\n}\n',
    "oauth": '{"installed":{"client_id":"x","client_secret":"GOCSPX-<W28>"},"refresh_token":"1//0<W60>"}\n',
    "docker": '{"auths":{"https://index.docker.example/v1/":{"auth":"<B40>="}}}\n',
    "databrickscfg": "[DEFAULT]\nhost = https://x.example\ntoken = dapi<H32>\n",
    "mlflow": "[mlflow]\nmlflow_tracking_username = jane\nmlflow_tracking_password = <P>\n",
    "clearml": 'api {\n  credentials {"access_key" = "<U20>", "secret_key" = "<A50>"}\n}\n',
    "terraform": 'variable "db_password" {\n  default = "<Q>"\n}\n',
    "dockerfile": "FROM python\nENV API_KEY <A40>\nENV DB_PASSWORD=<P>\nARG TOKEN=<A40>\n",
    "hydra": "defaults:\n  - _self_\nlogger:\n  wandb:\n    key: <H40>\n    entity: lab\n",
    "sbatch": "#SBATCH -J x\nexport WANDB_API_KEY=<H40>\nsrun python train.py --hf-token=hf_<A34>\n",
    "shell": "#!/bin/sh\nPASS='<Q>'\ncurl -u \"jane:<P>\" https://x\n",
    "makefile": "TOKEN := <A40>\nrun:\n\tAPI_KEY=<A40> python x.py\n",
    "git credentials": "https://jane:<A40>@github.com\n",
    "gitconfig": "[http]\n  extraHeader = Authorization: Basic <B48>\n",
    "ssh key": "-----BEGIN OPENSSH PRIVATE " + "KEY-----\n<B70>\n<B70>\n<B20>\n-----END OPENSSH PRIVATE " + "KEY-----\n",
    "windows": "set OPENAI_API_KEY=sk-<A48>\r\nset DB_PASSWORD=<Q>\r\n",
    "powershell": '$env:OPENAI_API_KEY = "sk-<A48>"\n$env:DB_PASSWORD="<Q>"\n',
    "csv": "name,password\njane,<Q>\njoe,<Q>\n",
    "markdown": "* user: jane\n* password: <Q>\n",
    "markdown code": "Use the key `<A40>` as `API_KEY`, password `<Q>`.\n",
    "xml": '<add key="ApiKey" value="<A40>"/>\n<password><P></password>\n',
    "r": 'Sys.setenv(OPENAI_API_KEY = "sk-<A48>")\ncon <- dbConnect(password = "<P>")\n',
    "properties": "spring.datasource.password=<P>\napi.secret=<A40>\n",
}  # fmt: skip


ORDINARY: Final = r"""
cache_key = "<H32>"|cache_key: <H32>|state_key <H64>|partition_key=<H32>|key = "<H32>"|"key": "<H64>"
{"key": "<H32>", "value": 3}|{"name": "loss", "value": "<H32>"}|integrity: sha512-<B86>==
password: str|password: required|password: Optional[str] = None|    password = base64|passwd = passwd2
password is base64 encoded|the password is SHA-256 hashed|password varchar(255)|pw = "power"
client = Client("http://localhost:8786")|llm = Client("meta-llama/Llama-3.1-8B-Instruct-2024")
exp = Experiment("resnet50_cifar10_lr0001_bs128_seed42")|t = Translator("opus-mt-en-de-2021-08-04-fine")
conn = connect("localhost", 5432, "runs")|fig.canvas.mpl_connect("button_press_event", on_click)
tokens = ["[CLS]", "hello", "world2024", "##ing"]|special_tokens = ["<extra_id_0>", "<extra_id_1>"]
api_key = os.environ.get("OPENAI_API_KEY_2")|token = load("data/tokens_2024_11_25.bin")
username, password = "user", "password"|user, pwd = input("user"), getpass("password: ")
echo $TOKEN <PIPE> docker login -u jane --password-stdin|docker login -u jane -p $PASSWORD|unzip -q data.zip -d data
The key "accuracy_2024_validation_set_mean" is missing|Unexpected key 'transformer.h.11.attn.c_attn.weight_2024' found
access token expired at 2026-11-25T23:13:01.123456+00:00|api key not found in /opt/app2024/settings.json
digest of secret.bin: sha256:<H64>|<H32>  token.bin|tokenizer-<H32>.json|hash_key 0x<H32>|model_key: resnet50.a1_in1k
jwt.decode(token, key, algorithms=["HS256"])|ENV PATH /opt/conda/envs/token2024/bin|forward_pass = "layer12abc"
['ASAuthorization', 'ASAuthorizationAppleIDCredential', 'ASAuthorizationAppleIDRequest']
"""
"""Lines of code and logs that hold none, though words and shapes of secrets are in them."""


def left_by_people(draws: int = 2, seed: int = 7) -> Iterator[tuple[str, Planted]]:
    """Yield where such a text stands, and the text: code, the JSON of a notebook, a log, settings."""
    rng = random.Random(seed)
    code = [row.replace("¶", "\n") for row in _NOTEBOOK.split("\n") if row]
    for _ in range(draws):
        for form in code:
            one = _planted(form, form, rng)
            yield "code", one
            cell = {"cell_type": "code", "source": one.text.splitlines(keepends=True)}
            yield "notebook", Planted(form, "", json.dumps(cell), one.secrets)
        for form in (row for row in _LOG.split("\n") if row):
            yield "log", _planted(form, form.replace("\\n", "\n"), rng)
        for name, form in _SETTINGS.items():
            yield "settings", _planted(name, form, rng)


def _planted(name: str, form: str, rng: random.Random) -> Planted:
    typed: list[str] = []

    def one(match: re.Match[str]) -> str:
        word = rng.choice(_WORDS)
        typed.append(
            {
                "P": f"{word}{rng.randrange(10, 10_000)}",
                "Q": f"{word.title()}{rng.randrange(10, 10_000)}{rng.choice('!#$%*')}",
                "R": word + rng.choice(_WORDS),
            }[match[1]]
        )
        return typed[-1]

    text, drawn = draw(_TYPED.sub(one, form), rng)
    long = tuple(secret for secret in drawn if len(secret) >= 12)
    return Planted(name, "", text, (*typed, *(long or drawn)))
