//! One film in the terminal, once, where the cursor is: `svh show`.
//!
//! Half blocks are viuer's work. Its other printers are not used: they decide on their own whether the terminal can do it, from variables that do not
//! come along over SSH or by waiting for an answer without an end, and for kitty and iTerm they send several times the bytes.

use std::io;

use image::{DynamicImage, RgbImage};
use ratatui::{buffer::Buffer, layout::Rect, style::Color};

use super::{
    Cells, Colours, Mosaic, Pixels, Plan, Protocol, TerminalCapabilities, View, blocks, iterm, kitty, marks::Layer, pixels::Data,
    placeholders, raster::Gray, screen,
};

/// What is to be shown: everything of a plan but its place.
pub struct Shown {
    /// The film with its boxes; its rectangle is set here.
    pub plan: Plan,
}

impl Shown {
    /// Fits a whole film into a window of this size, leaving the last two lines to the prompt.
    #[must_use]
    pub fn new(picture: super::Picture, marks: Vec<super::Mark>, capabilities: &TerminalCapabilities, (columns, rows): (u16, u16)) -> Self {
        let area = Cells { columns: columns.max(1), rows: rows.saturating_sub(2).max(1), pixel: capabilities.cell };
        let placed = View::default().place(picture.size(), area);
        let rect = Rect::new(0, 0, placed.cells.columns, placed.cells.rows);
        let window = picture.auto_window();
        Self {
            plan: Plan { picture: picture.into(), rect, cell: capabilities.cell, region: placed.region, window, marks, insets: Vec::new() },
        }
    }

    /// Writes it to standard output.
    ///
    /// # Errors
    /// When standard output is closed.
    pub fn print(&self, capabilities: &TerminalCapabilities) -> io::Result<()> {
        match capabilities.protocol {
            Protocol::Off => Ok(()),
            Protocol::Blocks if capabilities.colours != Colours::None && capabilities.mosaic == Mosaic::Half => {
                self.halves(capabilities.colours)
            }
            Protocol::Blocks => {
                let mut buffer = Buffer::empty(self.plan.rect);
                blocks::paint(&self.plan, capabilities.colours, capabilities.mosaic, &mut buffer);
                screen::write(written(&buffer).as_bytes())
            }
            protocol => screen::write(&self.pixels(protocol)),
        }
    }

    fn halves(&self, colours: Colours) -> io::Result<()> {
        let size = (u32::from(self.plan.rect.width), u32::from(self.plan.rect.height) * 2);
        let gray = Gray::of(&self.plan.picture, self.plan.region, self.plan.window, size);
        let layer = Layer::draw(&self.plan.marks, self.plan.region, size, 1, false);
        let picture = RgbImage::from_raw(size.0, size.1, iterm::burnt(&gray, &layer)).unwrap_or_default();
        let config = viuer::Config {
            absolute_offset: false,
            width: Some(size.0),
            height: Some(u32::from(self.plan.rect.height)),
            truecolor: colours == Colours::True,
            use_kitty: false,
            use_iterm: false,
            ..viuer::Config::default()
        };
        viuer::print(&DynamicImage::ImageRgb8(picture), &config).map(drop).map_err(|error| match error {
            // A reader that has gone is told by its own kind.
            viuer::ViuError::Io(error) => error,
            error => io::Error::other(error),
        })
    }

    /// The bytes of a protocol of pixels, ending on a new line.
    #[must_use]
    pub fn pixels(&self, protocol: Protocol) -> Vec<u8> {
        let (columns, rows) = (self.plan.rect.width, self.plan.rect.height);
        let mut out = Vec::new();
        match Pixels::of(&self.plan, protocol, false).map(|pixels| pixels.data) {
            Some(Data::Kitty { film, marks }) => {
                // Both start at the same cell; the second goes over the first and moves the cursor on.
                let film = film.unwrap_or_default();
                kitty::send_and_show(&film, (columns, rows), marks.is_some(), &mut out);
                marks.iter().for_each(|marks| kitty::send_and_show(marks, (columns, rows), false, &mut out));
            }
            Some(Data::Placeholders(png)) => {
                // It stays on the screen when the program has ended, so it needs a number that the next picture does not take over.
                let id = placeholders::id((std::process::id() % 255) as u8, (std::process::id() / 255 % 240) as u8);
                placeholders::send(id, &png, (columns, rows), &mut out);
                let mut buffer = Buffer::empty(self.plan.rect);
                placeholders::fill(id, self.plan.rect, &mut buffer);
                out.extend_from_slice(written(&buffer).trim_end_matches('\n').as_bytes());
            }
            Some(Data::Iterm(file)) => iterm::show_here(&file, (columns, rows), &mut out),
            Some(Data::Sixel(encoded)) => out.extend_from_slice(&encoded),
            None => {}
        }
        out.push(b'\n');
        out
    }
}

/// The cells as lines of text with colours, each ending in the terminal's own.
fn written(buffer: &Buffer) -> String {
    let code = |colour: Color, layer: char| match colour {
        Color::Indexed(index) => format!("\x1b[{layer}8;5;{index}m"),
        Color::Rgb(r, g, b) => format!("\x1b[{layer}8;2;{r};{g};{b}m"),
        _ => format!("\x1b[{layer}9m"),
    };
    let mut text = String::new();
    for line in buffer.content.chunks(usize::from(buffer.area.width).max(1)) {
        let (mut front, mut back) = (Color::Reset, Color::Reset);
        for cell in line {
            // The front of a space is not seen.
            if cell.fg != front && cell.symbol() != " " {
                front = cell.fg;
                text += &code(front, '3');
            }
            if cell.bg != back {
                back = cell.bg;
                text += &code(back, '4');
            }
            text += cell.symbol();
        }
        if (front, back) != (Color::Reset, Color::Reset) {
            text += "\x1b[0m";
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use svh_core::{BBox, Film};

    use super::*;
    use crate::{Images, Line, Mark, Picture, Rgb, decode};

    fn shown(images: Images) -> (Shown, TerminalCapabilities) {
        let film = Film::from_gray8(300, 400, &vec![90; 120_000]).unwrap();
        let mark = Mark {
            bbox: BBox::from([50.0, 50.0, 120.0, 120.0]),
            colour: Rgb(86, 180, 233),
            line: Line::Solid,
            selected: false,
            label: None,
        };
        let capabilities = TerminalCapabilities::unasked(images, |_| None);
        (Shown::new(Picture::new(film), vec![mark], &capabilities, (80, 24)), capabilities)
    }

    #[test]
    fn a_film_fits_the_window_and_leaves_room_for_the_prompt() {
        let (shown, _) = shown(Images::Half);
        assert_eq!((shown.plan.rect.width, shown.plan.rect.height), (33, 22));
    }

    #[test]
    fn kitty_shows_film_and_boxes_at_the_same_place_and_goes_on_below() {
        let (shown, capabilities) = shown(Images::Kitty);
        let bytes = shown.pixels(capabilities.protocol);
        let commands = decode::kitty(&bytes);
        let [film, boxes] = &commands[..] else { panic!("{}", commands.len()) };
        assert_eq!((film.key('a'), film.key('C'), boxes.key('C')), (Some("T"), Some("1"), Some("0")));
        assert_eq!((film.picture().width(), film.picture().height()), shown.plan.cells().pixels());
        assert!(film.key('i').is_none() && bytes.ends_with(b"\n"));
    }

    #[test]
    fn iterm_and_sixel_show_one_picture() {
        let (shown, _) = shown(Images::Iterm);
        assert_eq!(decode::iterm(&shown.pixels(Protocol::Iterm)).len(), 1);
        let sixels = decode::sixel(&shown.pixels(Protocol::Sixel));
        assert_eq!(sixels.width as u32, shown.plan.cells().pixels().0);
    }
}
