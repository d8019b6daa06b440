//! The program, started and stopped as people and systems do it.

use std::{
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Whatever takes longer has gone wrong.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The password of everybody the tests add.
pub const PASSWORD: &str = "a long enough password";

/// 32 bytes that protect nothing but these tests' databases.
pub const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A folder with a database, in it or at an address of PostgreSQL; programs come and go.
#[derive(Clone)]
pub struct Folder(pub Arc<TempDir>, pub Option<String>);

impl Folder {
    pub fn new() -> Self {
        Self(Arc::new(tempfile::tempdir().expect("a folder")), None)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn database_url(&self) -> String {
        self.1.clone().unwrap_or_else(|| format!("sqlite://{}/candilever.db", self.path().display()))
    }

    /// The program with these arguments, in a clean environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candilever"));
        command.env_clear();
        if self.1.is_some() {
            command.env("CANDILEVER_MASTER_KEY", MASTER_KEY);
        }
        command
            .args(arguments)
            .env("CANDILEVER_DATABASE_URL", self.database_url())
            .env("CANDILEVER_LISTEN", "127.0.0.1:0")
            .env("CANDILEVER_LOG", "error")
            .env("CANDILEVER_AS_ROOT", "true")
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        timeout(PATIENCE, self.command(arguments).output()).await.expect("it ends").expect("it runs")
    }

    /// Brings the database's schema up to date.
    pub async fn migrate(&self) {
        let migrated = self.run(&["migrate"]).await;
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    }

    /// Adds a person by the command line.
    pub async fn add_user(&self, email: &str, role: &str) -> Output {
        self.add_user_to("Halden Instruments", email, role).await
    }

    /// The same in another organization.
    pub async fn add_user_to(&self, organization: &str, email: &str, role: &str) -> Output {
        let arguments = ["user", "add", "--organization", organization, "--email", email, "--role", role];
        let mut command = self.command(&arguments);
        let mut child = command.arg("--password-stdin").stdin(Stdio::piped()).spawn().expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(PASSWORD.as_bytes()).await.expect("written");
        drop(stdin);
        timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").expect("it runs")
    }

    /// Starts the server and waits until it listens.
    pub async fn serve(&self) -> Program {
        self.serve_with(&[]).await
    }

    /// Starts the server with settings of its own.
    pub async fn serve_with(&self, settings: &[(&str, &str)]) -> Program {
        let mut command = self.command(&["serve"]);
        command.envs(settings.iter().copied()).stderr(Stdio::inherit());
        self.listening(command).await
    }

    /// The same, with what it logs in a file.
    pub async fn serve_with_log(&self, settings: &[(&str, &str)], log: &Path) -> Program {
        let mut command = self.command(&["serve"]);
        let log = std::fs::File::create(log).expect("a file");
        command.envs(settings.iter().copied()).stderr(log);
        self.listening(command).await
    }

    /// The same where a file that may not grow is an error, as on a full disk, and not the end.
    pub async fn serve_on_a_disk_that_may_fill(&self, settings: &[(&str, &str)]) -> Program {
        self.serve_after("trap '' XFSZ", settings).await
    }

    /// The same with as few open files as leave room for 64 connections.
    pub async fn serve_with_few_files(&self, settings: &[(&str, &str)]) -> Program {
        self.serve_after("ulimit -n 192", settings).await
    }

    /// The same after a command of the shell's.
    async fn serve_after(&self, first: &str, settings: &[(&str, &str)]) -> Program {
        let program = self.command(&["serve"]);
        let mut command = Command::new("sh");
        let script = format!("{first}; exec \"$0\" serve");
        command.args(["-c", &script]).arg(program.as_std().get_program());
        self.listening_in_place_of(&program, command, settings).await
    }

    /// Starts the server by a command that becomes the program in the end.
    pub async fn listening_in_place_of(
        &self,
        program: &Command,
        mut command: Command,
        settings: &[(&str, &str)],
    ) -> Program {
        // The system's own programs are found all the same.
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.envs(program.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.envs(settings.iter().copied()).current_dir(self.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        self.listening(command).await
    }

    async fn listening(&self, mut command: Command) -> Program {
        let mut child = command.spawn().expect("it runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut before = Vec::new();
        loop {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("it starts").expect("text");
            let line = line.expect("it listens before it ends");
            if let Some(url) = line.strip_prefix("Listening on ") {
                let url = url.to_owned();
                return Program { child, url, before, lines, client: client(), _folder: self.clone() };
            }
            before.push(line);
        }
    }
}

/// A client as strict as a test needs it: it follows no redirects and keeps no cookies.
pub fn client() -> reqwest::Client {
    // A connection that a refusal just closed is not picked up again for the next request.
    strict().pool_max_idle_per_host(0).build().expect("a client")
}

/// The same for very many requests.
pub fn client_that_keeps_connections() -> reqwest::Client {
    strict().build().expect("a client")
}

fn strict() -> reqwest::ClientBuilder {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the tests' own client, which talks to this machine only")]
    let client = reqwest::Client::builder();
    client.redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(PATIENCE)
}

/// A running server.
pub struct Program {
    child: Child,
    pub url: String,
    /// What it printed before it listened.
    pub before: Vec<String>,
    lines: Lines<BufReader<ChildStdout>>,
    pub client: reqwest::Client,
    _folder: Folder,
}

impl Program {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A post as a page of ours makes it.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path).header("origin", &self.url)
    }

    /// The next line it prints.
    pub async fn line(&mut self) -> Option<String> {
        timeout(PATIENCE, self.lines.next_line()).await.expect("it prints or ends").expect("text")
    }

    /// The address that its next line names.
    pub async fn next_address(&mut self) -> String {
        let line = self.line().await.expect("it says where");
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address");
        address.trim_end_matches(',').to_owned()
    }

    /// Sends it a signal by name.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().await.expect("kill runs");
        assert!(sent.success(), "the signal was sent");
    }

    /// From now on no file of its can be written to.
    pub async fn fill_the_disk(&self) {
        self.limit_files("0:unlimited").await;
    }

    pub async fn make_room(&self) {
        self.limit_files("unlimited:unlimited").await;
    }

    async fn limit_files(&self, size: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let limited = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={size}")]).status().await;
        assert!(limited.expect("prlimit of util-linux runs").success(), "the limit was set");
    }

    /// Waits for its end; answers the exit code and how long it took.
    pub async fn ended(&mut self) -> (Option<i32>, Duration) {
        let began = tokio::time::Instant::now();
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").expect("it ran");
        (status.code(), began.elapsed())
    }
}
