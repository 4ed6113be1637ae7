//! The painters' output read back, as a terminal would read it; for tests only and written apart from the painters.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A command of the kitty graphics protocol, its chunks put together.
#[derive(Debug, Default)]
pub struct Command {
    keys: Vec<(char, String)>,
    /// The payload, decoded.
    pub data: Vec<u8>,
    /// How many sequences it came in.
    pub chunks: usize,
}

impl Command {
    /// The value of a key.
    pub fn key(&self, key: char) -> Option<&str> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }

    /// The payload as a picture.
    pub fn picture(&self) -> image::DynamicImage {
        image::load_from_memory(&self.data).expect("a PNG")
    }
}

/// Every kitty command of some output.
pub fn kitty(bytes: &[u8]) -> Vec<Command> {
    let text = String::from_utf8_lossy(bytes);
    let mut commands: Vec<Command> = Vec::new();
    let (mut open, mut payload) = (false, String::new());
    for part in text.split("\x1b_G").skip(1) {
        let (body, _) = part.split_once("\x1b\\").expect("an end of the sequence");
        let (keys, data) = body.split_once(';').unwrap_or((body, ""));
        assert!(data.len() <= 4096, "a chunk of {} bytes", data.len());
        let keys: Vec<(char, String)> = keys
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.chars().next().expect("a key"), v.to_owned()))
            .collect();
        let more = keys.iter().any(|(key, value)| *key == 'm' && value == "1");
        if open {
            assert!(keys.iter().all(|(key, _)| *key == 'm'), "only the first chunk has keys");
        } else {
            commands.push(Command { keys, ..Command::default() });
        }
        let last = commands.last_mut().expect("a command");
        last.chunks += 1;
        payload.push_str(data);
        open = more;
        if !more {
            last.data = STANDARD.decode(std::mem::take(&mut payload)).expect("base64");
        }
    }
    assert!(!open, "the last chunk is missing");
    commands
}

/// The inline images of iTerm: columns, rows, file.
pub fn iterm(bytes: &[u8]) -> Vec<(u16, u16, Vec<u8>)> {
    let text = String::from_utf8_lossy(bytes);
    let images = text.split("\x1b]1337;File=").skip(1);
    images
        .map(|part| {
            let (body, _) = part.split_once('\x07').expect("an end of the sequence");
            let (keys, data) = body.split_once(':').expect("a payload");
            let value =
                |name: &str| keys.split(';').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().to_owned();
            let file = STANDARD.decode(data).expect("base64");
            assert_eq!(value("size"), file.len().to_string());
            assert_eq!(value("inline"), "1");
            (value("width").parse().expect("columns"), value("height").parse().expect("rows"), file)
        })
        .collect()
}

/// A sixel picture as red, green, blue in percent; pixels that were never set are `None`.
pub struct Sixels {
    /// Pixels from left to right.
    pub width: usize,
    /// Row by row.
    pub pixels: Vec<Option<[u16; 3]>>,
}

/// The first sixel picture of some output.
pub fn sixel(bytes: &[u8]) -> Sixels {
    let text = std::str::from_utf8(bytes).expect("ASCII");
    let start = text.find("\x1bP").expect("a sixel picture");
    let body = &text[start..text[start..].find("\x1b\\").expect("its end") + start];
    let body = &body[body.find('q').expect("its head") + 1..];
    let mut letters = body.chars().peekable();
    let numbers = |letters: &mut std::iter::Peekable<std::str::Chars>| {
        let mut list = vec![0_usize];
        while let Some(c) = letters.next_if(|c| c.is_ascii_digit() || *c == ';') {
            match c.to_digit(10) {
                Some(digit) => *list.last_mut().expect("a number") = list.last().expect("a number") * 10 + digit as usize,
                None => list.push(0),
            }
        }
        list
    };
    let (mut width, mut height) = (0, 0);
    let mut palette = std::collections::HashMap::new();
    let mut pixels: Vec<Option<[u16; 3]>> = Vec::new();
    let (mut x, mut band, mut colour) = (0, 0, 0);
    while let Some(c) = letters.next() {
        let mut run = 1;
        let mut c = c;
        match c {
            '"' => {
                let list = numbers(&mut letters);
                (width, height) = (list[2], list[3]);
                pixels = vec![None; width * height];
                continue;
            }
            '#' => {
                let list = numbers(&mut letters);
                colour = list[0];
                if list.len() == 5 {
                    assert_eq!(list[1], 2, "colours are RGB");
                    palette.insert(colour, [list[2] as u16, list[3] as u16, list[4] as u16]);
                }
                continue;
            }
            '$' => {
                x = 0;
                continue;
            }
            '-' => {
                (x, band) = (0, band + 1);
                continue;
            }
            '!' => {
                run = numbers(&mut letters)[0];
                c = letters.next().expect("what is repeated");
            }
            _ => {}
        }
        let bits = c as u8 - b'?';
        for _ in 0..run {
            for row in 0..6 {
                let y = band * 6 + row;
                if bits >> row & 1 == 1 {
                    assert!(x < width && y < height, "a pixel outside the raster");
                    pixels[y * width + x] = Some(palette[&colour]);
                }
            }
            x += 1;
        }
    }
    Sixels { width, pixels }
}
