"""Contexts in which secrets stand, written before the rules were looked at."""

from __future__ import annotations

__all__ = ["TEMPLATES"]

# What a template may hold: A a format that says itself what it is, N one that needs a name, P a
# password. «n» the name in snake_case, «N» in capitals, «c» camelCase, «C» PascalCase, «k» kebab-case,
# «w» words, «v» the value, «q» it quoted for a URL, «b» base64 of user:value, «u» a user, «h» a host,
# «x» something ordinary, «1» «2» the value's halves.
TEMPLATES = r'''
ANP py double|«n» = "«v»"
ANP py single|«N»='«v»'
ANP py annotated|«n»: str = "«v»"
ANP py final|«N»: Final[str] = '«v»'
ANP py attribute|self._«n» = '«v»'
ANP py bytes|«n» = b"«v»"
ANP py raw|«n» = r'«v»'
ANP py triple|«N» = """«v»"""
ANP py tuple|«u», «n» = "«x»", "«v»"
ANP py walrus|if («n» := "«v»"):\n    go()
ANP py strip|«n» = "«v»".strip()
ANP py encode|«n» = "«v»".encode("utf-8")
ANP py parens|«n» = (\n    "«v»"\n)
ANP py concatenated|«n» = (\n    "«1»"\n    "«2»"\n)
ANP py plus|«n» = "«1»" + "«2»"
ANP py backslash|«n» = "«1»" \\n    "«2»"
ANP py or default|«n» = os.getenv("«N»") or "«v»"
ANP py getenv default|«n» = os.getenv("«N»", "«v»")
ANP py environ get|client = Client(os.environ.get('«N»', '«v»'))
ANP py environ item|os.environ["«N»"] = "«v»"
ANP py setdefault|os.environ.setdefault("«N»", "«v»")
ANP py putenv|os.putenv('«N»', '«v»')
ANP py environ update|os.environ.update({"«N»": "«v»", "DEBUG": "1"})
ANP py environ update kwargs|os.environ.update(«N»="«v»")
ANP py monkeypatch|monkeypatch.setenv("«N»", "«v»")
ANP py dict|cfg = {"«n»": "«v»", "host": "«h»"}
ANP py dict camel|payload = {'user': '«u»', '«c»': '«v»'}
ANP py dict call|cfg = dict(host="«h»", «n»="«v»")
ANP py dict item|cfg["«n»"] = "«v»"
ANP py dict nested|settings['auth']['«n»'] = '«v»'
ANP py kwarg|client = Client(host="«h»", «n»="«v»", timeout=3)
ANP py kwarg spaces|connect(«n» = '«v»')
ANP py kwarg lines|session = Session(\n    user="«u»",\n    «n»="«v»",\n)
ANP py default arg|def fetch(url, «n»="«v»", retries=3):
ANP py default annotated|def login(user: str, «n»: str = "«v»") -> None:
ANP py dataclass|    «n»: str = field(default="«v»")
ANP py pydantic|    «n»: SecretStr = SecretStr("«v»")
ANP py pydantic Field|    «n»: str = Field("«v»", description="the one of «x»")
ANP py argparse|parser.add_argument("--«k»", default="«v»", help="«w»")
ANP py argparse typed|p.add_argument('--«k»', type=str, required=False, default='«v»')
ANP py click|@click.option("--«k»", default="«v»")
ANP py setattr|setattr(settings, "«n»", "«v»")
ANP py comparison|assert «n» == "«v»"
ANP py if not|if request.headers["«k»"] != "«v»":
ANP py list of pairs|params = [("user", "«u»"), ("«n»", "«v»")]
ANP py keyring|keyring.set_password("«h»", "«u»", "«v»")
ANP py ternary|«n» = "«v»" if prod else None
ANP py lambda|get_«n» = lambda: "«v»"
ANP py return|def get_«n»():\n    return "«v»"
ANP py commented|# «n» = "«v»"
ANP py todo|x = load()  # TODO remove, «w»: «v»
ANP py is|# the «w» is «v»
ANP py trailing|«n» = "«v»"  # of «u» at «h», until May
ANP py fstring log|print(f"using «w» «v» for {user}")
ANP py spark conf|spark.conf.set("fs.«x».«k»", "«v»")
ANP py config set|config.set("auth", "«n»", "«v»")
ANP py redis call|r = redis.Redis(host="«h»", port=6379, db=0, «n»='«v»')
P py auth tuple|requests.get("https://«h»/x", auth=("«u»", "«v»"))
P py HTTPBasicAuth|s.auth = HTTPBasicAuth('«u»', '«v»')
P py login|server.login("«u»", "«v»")
P py ftplib|ftp = FTP("«h»", "«u»", "«v»")
P py connect positional|conn = pymysql.connect("«h»", "«u»", "«v»", "sales")
P py paramiko|ssh.connect('«h»', 22, username='«u»', password='«v»')
P py getpass default|pw = getpass("pw: ") or '«v»'
P py pexpect|child.expect("Password:")\nchild.sendline("«v»")
A py positional|api = Client("«v»")
A py in list|keys = ["«v»", None]
A py login token|login(token="«v»")
A py openai attr|openai.api_key = "«v»"
AN py header dict|headers = {"Authorization": "Bearer «v»"}
AN py header f|headers["Authorization"] = f"Token «v»"
AN py x api key|requests.get(url, headers={'X-API-Key': '«v»', 'Accept': '*/*'})
AN py header custom|HEADERS = {"x-«k»": "«v»"}
AN py cookie dict|requests.get(url, cookies={"session": "«v»"})
AN py cookie set|s.cookies.set("sessionid", "«v»", domain="«h»")
AN py params|requests.get(url, params={"«n»": "«v»", "page": 2})
ANP js const|const «c» = "«v»";
ANP js template|let «c» = `«v»`;
ANP js object|const cfg = { host: "«h»", «c»: '«v»' };
ANP js process|process.env.«N» = '«v»';
ANP r env|Sys.setenv(«N» = "«v»")
ANP r assign|«n» <- "«v»"
ANP go short|«c» := "«v»"
ANP java final|private static final String «N» = "«v»";
ANP java property|System.setProperty("app.«c»", "«v»");
ANP c define|#define «N» "«v»"
ANP rust const|const «N»: &str = "«v»";
ANP julia env|ENV["«N»"] = "«v»"
ANP php define|define('«N»', '«v»');
ANP php array|'«n»' => '«v»',
ANP ruby hash|«n»: '«v»',
ANP sql user|CREATE USER «u» WITH PASSWORD '«v»';
ANP sql identified|ALTER USER '«u»'@'%' IDENTIFIED BY '«v»';
AN sql secret|CREATE SECRET s3 (TYPE S3, KEY_ID '«x»', SECRET '«v»');
ANP sql set|SET «n» = '«v»';
ANP sh export|export «N»=«v»
ANP sh export quoted|export «N»="«v»"
ANP sh plain|«N»='«v»'
ANP sh prefix|«N»=«v» python train.py --epochs 3
ANP sh env|env «N»=«v» make deploy
ANP sh readonly|declare -rx «N»="«v»"
ANP sh default|: "${«N»:=«v»}"
ANP sh fallback|«N»="${«N»:-«v»}"
ANP sh echo to file|echo "«N»=«v»" >> .env
ANP sh echo stdin|echo '«v»' | docker login -u «u» --password-stdin
ANP sh sudo|echo "«v»" | sudo -S apt-get update
ANP fish set|set -gx «N» «v»
ANP fish set quoted|set -x «N» '«v»'
ANP csh|setenv «N» «v»
ANP powershell|$env:«N» = "«v»"
ANP powershell var|$«c» = '«v»'
ANP powershell secure|$p = ConvertTo-SecureString "«v»" -AsPlainText -Force
ANP cmd set|set «N»=«v»
ANP cmd setx|setx «N» "«v»"
ANP magic env|%env «N»=«v»
ANP magic env space|%env «N» «v»
ANP magic set_env|%set_env «N»=«v»
ANP bang export|!export «N»=«v» && python run.py
ANP dockerfile|ENV «N»=«v»
ANP dockerfile space|ENV «N» «v»
ANP dockerfile arg|ARG «N»="«v»"
ANP docker e|docker run -e «N»=«v» -p 80:80 img
ANP docker env long|docker run --env «N»="«v»" img
ANP docker build arg|docker build --build-arg «N»=«v» .
ANP kubectl literal|kubectl create secret generic s --from-literal=«k»=«v»
ANP helm set|helm install x ./x --set auth.«c»=«v»
ANP gh secret|gh secret set «N» --body "«v»"
ANP aws configure|aws configure set «n» «v»
ANP git config|git config --global «x».«c» "«v»"
ANP dotenv|«N»=«v»
ANP dotenv spaces|«N» = «v»
ANP yaml|«n»: «v»
ANP yaml quoted|  «k»: "«v»"
ANP yaml single|    «c»: '«v»'
ANP yaml list|  - «n»: «v»
ANP yaml env list|        - name: «N»\n          value: "«v»"
ANP yaml compose|    environment:\n      - «N»=«v»
ANP yaml block|«n»: >-\n  «v»
ANP yaml flow|auth: {user: «u», «n»: «v»}
ANP yaml anchor|«n»: &s "«v»"
ANP yaml kube data|kind: Secret\nstringData:\n  «k»: «v»
ANP toml|«n» = "«v»"
ANP toml inline|auth = { user = "«u»", «n» = "«v»" }
ANP toml dotted|auth.«n» = '«v»'
ANP ini|«n»=«v»
ANP ini colon|«n» : «v»
ANP properties|app.datasource.«k»=«v»
ANP json|{"«n»": "«v»"}
ANP json camel|  "«c»": "«v»",
ANP json kebab|  "«k»" : "«v»"
ANP json nested string|{"body": "{\"«n»\": \"«v»\"}"}
ANP json name value|{"name": "«N»", "value": "«v»"}
ANP json key value|{ "Key": "«C»", "Value": "«v»" }
ANP xml element|<«c»>«v»</«c»>
ANP xml attribute|<add key="«C»" value="«v»" />
ANP xml attr|<server id="«x»" «c»="«v»"/>
ANP tfvars|«n»     = "«v»"
ANP terraform variable|variable "«n»" {\n  type    = string\n  default = "«v»"\n}
ANP hcl|  «n» = "«v»"
P netrc line|machine «h» login «u» password «v»
P netrc lines|machine «h»\n  login «u»\n  password «v»
P pgpass|«h»:5432:sales:«u»:«v»
P htdigest|user = «u»:«v»
AN npmrc|//registry.«h»/:_authToken=«v»
P npmrc password|//npm.«h»/:_password="«v»"
P pip conf|[global]\nindex-url = https://«u»:«q»@pypi.«h»/simple
P pypirc|[pypi]\nusername = __token__\npassword = «v»
AN kubeconfig token|users:\n- name: «u»\n  user:\n    token: «v»
AN kubeconfig key|    client-key-data: «v»
N aws credentials|[default]\naws_access_key_id = «x»\naws_secret_access_key = «v»
AN docker auths|{"auths": {"ghcr.io": {"auth": "«b»"}}}
P mylogin cnf|[client]\nuser=«u»\npassword="«v»"
P wgetrc|http_password=«v»
P condarc|channels:\n  - https://«u»:«q»@conda.«h»/main
AN condarc token|channels:\n  - https://conda.«h»/t/«v»/main
P smb fstab|//«h»/d /mnt cifs username=«u»,password=«v»,uid=1000 0 0
P wpa|    psk="«v»"
P ansible|«h» ansible_user=«u» ansible_password=«v»
P xorg rdp|password 51:b:«v»
AN cargo|[registry]\ntoken = "«v»"
AN streamlit|[connections.db]\n«n» = "«v»"
AN gitlab ci|variables:\n  «N»: "«v»"
AN github workflow|        env:\n          «N»: «v»
AN http bearer|Authorization: Bearer «v»
AN http lower|authorization: bearer «v»
AN http token|Authorization: token «v»
AN http basic|Authorization: Basic «b»
AN http apikey scheme|Authorization: ApiKey «v»
AN http x|X-«C»: «v»
AN http x auth token|X-Auth-Token: «v»
AN http private token|PRIVATE-TOKEN: «v»
AN http ocp|Ocp-Apim-Subscription-Key: «v»
AN http cookie|Cookie: theme=dark; sessionid=«v»; lang=en
AN http set cookie|Set-Cookie: auth_token=«v»; Path=/; HttpOnly
AN http sent debug|send: b'GET /v1 HTTP/1.1\r\nHost: «h»\r\nAuthorization: Bearer «v»\r\n\r\n'
AN http signature|Authorization: AWS4-HMAC-SHA256 Credential=«x»/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=«v»
AN http proxy|Proxy-Authorization: Basic «b»
AN http digest|X-Hub-Signature-Secret: «v»
AN curl H|curl -H "Authorization: Bearer «v»" https://«h»/v1
AN curl H single|curl -s -X POST 'https://«h»/v1' -H 'x-api-key: «v»' -d '{}'
AN curl header long|curl --header "«k»: «v»" https://«h»
AN curl header eq|curl --header='Authorization: Bearer «v»' https://«h»
P curl u|curl -u «u»:«v» https://«h»/x
P curl u quoted|curl -u "«u»:«v»" https://«h»/x
P curl u tight|curl -s -u'«u»:«v»' https://«h»/x
P curl user|curl --user «u»:«v» -O https://«h»/x
P curl proxy|curl -x http://«h»:80 --proxy-user «u»:«v» https://«h»
AN curl cookie|curl -b "session=«v»" https://«h»
AN curl bearer|curl --oauth2-bearer «v» https://«h»
ANP curl data|curl -d "grant_type=x&«n»=«v»" https://«h»/token
ANP curl data json|curl -d '{"«c»": "«v»"}' https://«h»/login
ANP curl F|curl -F «n»=«v» https://«h»/upload
ANP curl urlencode|curl --data-urlencode "«n»=«v»" https://«h»
AN httpie|http POST https://«h»/v1 Authorization:"Bearer «v»" x=1
AN httpie header|http https://«h»/v1 X-Api-Key:«v»
P httpie a|http -a «u»:«v» https://«h»/v1
P wget|wget --user=«u» --password=«v» https://«h»/d.zip
P wget http|wget --http-user «u» --http-password '«v»' https://«h»/d.zip
AN wget header|wget --header="Authorization: Bearer «v»" https://«h»/d.zip
P url userinfo|https://«u»:«q»@«h»/path
P url ftp|ftp://«u»:«q»@«h»:21/data
P url git|git clone https://«u»:«q»@«h»/org/repo.git
A url token user|git clone https://«v»@«h»/org/repo.git
A url x-access|origin  https://x-access-token:«v»@github.com/o/r.git (fetch)
A url oauth2|https://oauth2:«v»@«h»/group/p.git
AN url query|https://«h»/v1/items?page=2&«n»=«q»
AN url query first|GET /v1?«c»=«q>&format=json
AN url query apikey|https://«h»/data?apikey=«q»
AN url query token|wss://«h»/feed?token=«q»&v=2
AN url sig|https://acct.blob.«h»/c/f.csv?sv=2023-01-03&se=2025-01-01&sr=b&sp=r&sig=«q»
AN url amz|https://b.s3.«h»/k?X-Amz-Credential=x&X-Amz-Signature=«q»
AN url fragment|https://«h»/cb#access_token=«q»&token_type=bearer
AN url jupyter|http://127.0.0.1:8888/lab?token=«q»
AN url code|https://«h»/callback?code=«q»&state=xyz
P conn postgres|postgresql://«u»:«q»@«h»:5432/sales
P conn sqlalchemy|create_engine("mysql+pymysql://«u»:«q»@«h»/sales?charset=utf8")
P conn mongo|mongodb+srv://«u»:«q»@cluster0.«h»/?retryWrites=true
P conn redis|redis://:«q»@«h»:6379/0
P conn amqp|amqps://«u»:«q»@«h»/vhost
P conn jdbc|jdbc:postgresql://«h»/sales?user=«u»&password=«q»
P conn jdbc thin|jdbc:oracle:thin:«u»/«v»@//«h»:1521/ORCL
P conn jdbc sqlserver|jdbc:sqlserver://«h»:1433;databaseName=s;user=«u»;password=«v»;encrypt=true
P conn ado|Server=«h»;Database=s;User Id=«u»;Password=«v»;
P conn odbc|DRIVER={ODBC Driver 18};SERVER=«h»;UID=«u»;PWD=«v»
P conn dsn|dsn = "host=«h» dbname=s user=«u» password=«v» sslmode=require"
P conn dsn quoted|host='«h»' user='«u»' password='«v»'
N conn azure storage|DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=«v»;EndpointSuffix=core.windows.net
N conn service bus|Endpoint=sb://«h»/;SharedAccessKeyName=Root;SharedAccessKey=«v»
N conn cosmos|AccountEndpoint=https://«h»:443/;AccountKey=«v»;
N conn appinsights|InstrumentationKey=«v»;IngestionEndpoint=https://«h»/
P conn snowflake|snowflake://«u»:«q»@acme-x1/db/schema?warehouse=w
P conn smtp|smtps://«u»:«q»@smtp.«h»:465
P conn ldap|ldapsearch -x -H ldap://«h» -D "cn=«u»" -w «v» -b dc=x
P conn proxy|HTTPS_PROXY=http://«u»:«q»@«h»:3128
P conn sftp|sftp://«u»:«q»@«h»/in
P conn sentry|SENTRY_DSN=https://«q»@o1.«h»/42
ANP cli eq|python train.py --«k»=«v» --epochs 3
ANP cli space|python train.py --«k» «v» --epochs 3
ANP cli quoted|./run --«k» "«v»"
ANP cli snake|python x.py --«n» «v»
ANP cli single dash|java -jar a.jar -«c» «v»
ANP cli java D|java -D«k»=«v» -jar a.jar
ANP cli hydra|python main.py model=x +auth.«n»=«v»
ANP cli slash|tool.exe /«C»:«v» /q
P cli mysql p|mysql -h «h» -u «u» -p«v» sales
P cli mysql long|mysqldump --user=«u» --password='«v»' sales
P cli sshpass|sshpass -p «v» ssh «u»@«h»
P cli sshpass quoted|sshpass -p '«v»' scp a «u»@«h»:
P cli docker login|docker login -u «u» -p «v» «h»
P cli pgpassword|PGPASSWORD=«v» psql -h «h» -U «u»
P cli redis a|redis-cli -h «h» -a «v» ping
P cli mongo|mongosh --host «h» -u «u» -p «v»
P cli unzip|unzip -P «v» d.zip
P cli 7z|7z x d.7z -p«v»
P cli openssl|openssl enc -aes-256-cbc -k «v» -in a -out b
P cli openssl pass|openssl rsa -in k.pem -passin pass:«v»
P cli gpg|gpg --batch --passphrase «v» -d a.gpg
P cli zip|zip -e -P '«v»' a.zip a
P cli smbclient|smbclient //«h»/d -U «u»%«v»
P cli svn|svn co --username «u» --password «v» https://«h»
P cli lftp|lftp -u «u»,«v» «h»
P cli net use|net use Z: \\«h»\d «v» /user:«u»
P cli htpasswd|htpasswd -b .htpasswd «u» «v»
P cli chpasswd|echo "«u»:«v»" | chpasswd
P cli az|az login --service-principal -u «u» -p «v» --tenant t
P cli sqlcmd|sqlcmd -S «h» -U «u» -P «v»
P cli twine|twine upload -u «u» -p «v» dist/*
AN cli wandb|wandb login «v»
A cli hf|huggingface-cli login --token «v»
AN cli argv|['train.py', '--«k»', '«v»', '--lr', '0.1']
AN cli argv eq|['train.py', '--«k»=«v»']
AN cli subprocess|subprocess.run(["tool", "--«k»", "«v»"], check=True)
AN cli ngrok|ngrok config add-authtoken «v»
AN cli vault|vault login «v»
AN cli heroku|heroku config:set «N»=«v»
AN cli fly|fly secrets set «N»=«v»
ANP out dict|{'host': '«h»', '«n»': '«v»', 'port': 5432}
ANP out dict alone|{'«c»': '«v»'}
ANP out repr|Settings(host='«h»', «n»='«v»', debug=False)
ANP out namespace|Namespace(epochs=3, «n»='«v»', lr=0.1)
ANP out attrs|<Client «n»=«v» host=«h»>
ANP out pair|('«n»', '«v»')
ANP out log|2025-05-01 10:00:00,123 INFO app.auth «n»=«v» user=«u»
ANP out log colon|[INFO] «w»: «v»
ANP out log using|DEBUG:root:Using «w» «v»
ANP out logfmt|level=info msg="signed in" «n»="«v»" took=3ms
ANP out log json|{"level": "info", "«n»": "«v»", "ts": 1}
ANP out print label|«C»: «v»
ANP out print words|Your «w» is: «v»
ANP out print arrow|«w» -> «v»
ANP out print eq words|«w» = «v»
ANP out table|\| «n» \| «v» \|
ANP out dataframe|0  «u»  «n»  «v»
ANP out series|«n»      «v»\nhost    «h»\ndtype: object
ANP out columns|name    «n»\nvalue   «v»
ANP out traceback|  File "a.py", line 3, in <module>\n    c = connect(«n»="«v»")
ANP out KeyError|ValueError: invalid «w»: '«v»'
ANP out error prose|AuthenticationError: Incorrect «w» provided: «v».
ANP out pydantic|  Input should be valid [type=x, input_value={'«n»': '«v»'}, input_type=dict]
ANP out pdb|(Pdb) p «n»\n'«v»'
ANP out ipython|In [3]: «n»\nOut[3]: '«v»'
ANP out doctest|>>> «n»\n'«v»'
ANP out rich|│ «n» │ «v» │
ANP out rich locals|│ «n» = '«v»' │
ANP out printenv|HOME=/root\n«N»=«v»\nLANG=C
ANP out environ|environ({'HOME': '/root', '«N»': '«v»'})
ANP out diff|+    «n» = "«v»"
ANP out set x|+ export «N»=«v»
ANP out ps|«u»  812  0.0 python x.py --«k» «v»
ANP out html|<tr><td>«n»</td><td>«v»</td></tr>
ANP out html input|<input type="password" name="«n»" value="«v»">
ANP out markdown|* **«w»**: `«v»`
ANP out markdown code|«w»: `«v»`
ANP out csv|user,«n»\n«u»,«v»
ANP out notebook json|"source": ["«n» = \"«v»\"\n"]
ANP out notebook output|"text/plain": ["'«n»': '«v»'"]
ANP out escaped|"{\\\"«n»\\\": \\\"«v»\\\"}"
ANP out bytes|b'{"«n»": "«v»"}'
ANP out ansi repr|\x1b[32m«n»\x1b[0m=\x1b[36m«v»\x1b[0m
ANP out ansi|␛[32m«n»␛[0m=␛[36m«v»␛[0m
ANP prose is|The «w» for «h» is «v»
ANP prose quoted|Use the «w» "«v»" to sign in.
ANP prose with|log in as «u» with «w» «v»
ANP prose dash|«w» - «v»
ANP prose backtick|set «N» to `«v»` first
P prose slash|login: «u» / «v»
P prose user pass|user: «u» pass: «v»
P prose creds|credentials: «u»:«v»
ANP prose paren|(«w»: «v»)
A prose bare|see «v» there
A out bare|«v»
A out bare quoted|'«v»'
A out bare list|['«x»', '«v»']
A log bare|10:00:01 request failed for «v» after 3 tries
A url path|https://api.«h»/bot/«v»/send
A comment bare|# «v»
A out bare json|["«v»"]
A out bare escaped|"out": "got \"«v»\"\n"
'''
