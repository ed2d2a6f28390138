//! Generator of chunked bodies, most of which are not valid.

use std::fmt;

use fastrand::Rng;

/// Body, and the sizes of the reads that bring it, over and over.
pub(super) struct Case {
    pub(super) body: Vec<u8>,
    pub(super) sizes: Vec<usize>,
}

impl Case {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut body = valid(&mut rng);
        for _ in 0..rng.usize(..4) {
            mutate(&mut rng, &mut body);
        }
        let largest = *rng.choice(&[1, 3, 20, 500, 100_000]).unwrap();
        let sizes = (0..rng.usize(1..8)).map(|_| rng.usize(1..=largest)).collect();
        Self { body, sizes }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "body \"{}\" in reads of {:?}", self.body.escape_ascii(), self.sizes)
    }
}

fn valid(rng: &mut Rng) -> Vec<u8> {
    let mut body = Vec::new();
    for _ in 0..rng.usize(..6) {
        let len = if rng.usize(..50) == 0 { rng.usize(1..9000) } else { rng.usize(1..40) };
        size_line(rng, &mut body, len);
        body.extend((0..len).map(|_| *rng.choice(DATA).unwrap()));
        body.extend(b"\r\n");
    }
    size_line(rng, &mut body, 0);
    while rng.usize(..4) == 0 {
        body.extend(*rng.choice(TRAILERS).unwrap());
    }
    body.extend(b"\r\n");
    if rng.usize(..5) == 0 {
        body.extend(*rng.choice(&[&b"\r\n"[..], b"HTTP/1.1 200 OK\r\n\r\n", b"0"]).unwrap());
    }
    body
}

fn size_line(rng: &mut Rng, body: &mut Vec<u8>, size: usize) {
    let zeros = *rng.choice(&[0, 0, 0, 0, 0, 1, 3, 15, 19]).unwrap();
    body.extend("0".repeat(zeros).bytes());
    let digits = if rng.bool() { format!("{size:x}") } else { format!("{size:X}") };
    body.extend(digits.bytes());
    if rng.usize(..4) == 0 {
        body.extend(*rng.choice(EXTENSIONS).unwrap());
    }
    body.extend(b"\r\n");
}

fn mutate(rng: &mut Rng, body: &mut Vec<u8>) {
    let at = position(rng, body);
    match rng.usize(..8) {
        0 if at < body.len() => drop(body.remove(at)),
        1 if at < body.len() => body[at] = *rng.choice(INSERTED).unwrap(),
        2 if at + 1 < body.len() => body.swap(at, at + 1),
        3 if rng.bool() => body.truncate(at),
        4 => {
            let span = body[at..(at + rng.usize(..20)).min(body.len())].to_vec();
            let to = position(rng, body);
            body.splice(to..to, span);
        }
        5 => {
            body.splice(at..at, rng.choice(LINES).unwrap().iter().copied());
        }
        6 => {
            // One or all CRs are lost.
            if let Some(cr) = body[at..].iter().position(|&byte| byte == b'\r') {
                body.remove(at + cr);
            }
        }
        _ => body.insert(at, *rng.choice(INSERTED).unwrap()),
    }
}

/// Returns a position, most often close to the end of a line.
fn position(rng: &mut Rng, body: &[u8]) -> usize {
    let at = rng.usize(..=body.len());
    if rng.usize(..4) == 0 {
        return at;
    }
    let line_end = body[at..].iter().position(|&byte| byte == b'\r').map(|it| at + it);
    let near = line_end.unwrap_or(at) + rng.usize(..4);
    near.saturating_sub(rng.usize(..3)).min(body.len())
}

const DATA: &[u8] = b"data: 10\r\n\n;abcF \0\xe9";

const INSERTED: &[u8] = b"\r\n\r\n;:0019aAfFgG \t+-_\"xX\0\x0b\x0c\x85\xa0\xc2\xe9\xff";

const EXTENSIONS: &[&[u8]] = &[
    b";",
    b";a",
    b";a=b",
    b" ;a=\"b;c\"",
    b"\t ; a = 1",
    b" ",
    b"\t\t",
    b";abcdefghijklmnopqrstuvwxyz=0123456789",
    b";\xff\0",
];

const TRAILERS: &[&[u8]] = &[
    b"x: y\r\n",
    b"Expires: 0\r\n",
    b"x:\r\n",
    b"no colon\r\n",
    b": x\r\n",
    b"x: \0\r\n",
    b" a\r\n",
];

const LINES: &[&[u8]] = &[
    b"0\r\n\r\n",
    b"1\r\n",
    b"\r\n",
    b"\n",
    b"+1",
    b"0x",
    b"ffffffffffffffff",
    b"10000000000000000",
    b"-1\r\n",
    b" \r\n",
];
