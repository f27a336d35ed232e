//! An HTTP server on loopback: enough of HTTP/1.1 for one request per connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
pub enum Answer {
    /// This status, content type, further header lines and body.
    Send(u16, &'static str, Vec<(String, String)>, Vec<u8>),
    /// The head of a longer answer, then the end of the connection.
    Cut(Vec<u8>),
    /// Nothing, until the client gives up.
    Silence,
}

impl Answer {
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::Send(200, "application/json", Vec::new(), body.into())
    }

    pub fn status(status: u16) -> Self {
        Self::Send(status, "text/plain", Vec::new(), b"no".to_vec())
    }
}

/// A server that answers until the test ends, and remembers what it was asked.
pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || {
                    // A client that has gone away is none of the server's business.
                    let _ = serve(stream, &*answer, &log);
                });
            }
        });
        Self { url, seen }
    }

    /// The requests so far, as `METHOD /path`.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self, start: &str) -> usize {
        self.requests()
            .iter()
            .filter(|request| request.starts_with(start))
            .count()
    }
}

fn serve(
    stream: TcpStream,
    answer: &(impl Fn(&Request) -> Answer + ?Sized),
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body)?;
    log.lock()
        .unwrap()
        .push(format!("{} {}", request.method, request.path));
    let mut stream = stream;
    match answer(&request) {
        Answer::Send(status, kind, more, body) => {
            let more: String = more.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n{more}\r\n"
            )?;
            stream.write_all(&body)
        }
        Answer::Cut(body) => {
            let length = body.len() + 100;
            write!(
                stream,
                "HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n"
            )?;
            stream.write_all(&body)
        }
        Answer::Silence => {
            std::thread::sleep(Duration::from_secs(20));
            Ok(())
        }
    }
}
