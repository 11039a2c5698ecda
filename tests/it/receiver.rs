//! A receiver on loopback, of what the server sends by itself.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, channel};
use std::time::Instant;

/// What a receiver was sent.
#[derive(Debug)]
pub struct Sent {
    /// By name in small letters.
    heads: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub at: Instant,
}

impl Sent {
    pub fn head(&self, name: &str) -> &str {
        self.heads.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// A receiver that answers with one status until it is told to be well.
pub struct Receiver {
    pub url: String,
    pub is_well: Arc<AtomicBool>,
    pub sent: mpsc::Receiver<Sent>,
}

impl Receiver {
    pub fn new(path: &str, unwell: u16) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_well = Arc::new(AtomicBool::new(false));
        let (tell, sent) = channel();
        let well = Arc::clone(&is_well);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.expect("a connection"));
                let received = read(&mut stream);
                let is_well = well.load(Ordering::SeqCst);
                let status = if is_well { 200 } else { unwell };
                let answer = format!(
                    "HTTP/1.1 {status} so\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                // Before the answer: whoever sent it and has ended was heard.
                if tell.send(received).is_err() {
                    return;
                }
                drop(stream.get_mut().write_all(answer.as_bytes()));
            }
        });
        Receiver {
            url: format!("http://{address}{path}"),
            is_well,
            sent,
        }
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Sent {
    let mut heads = BTreeMap::new();
    let mut line = String::new();
    while stream.read_line(&mut line).expect("a line") > 2 {
        let (name, value) = line.trim().split_once(':').unwrap_or(("", ""));
        heads.insert(name.to_lowercase(), value.trim().to_owned());
        line.clear();
    }
    let length = heads.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    Sent {
        heads,
        body,
        at: Instant::now(),
    }
}
