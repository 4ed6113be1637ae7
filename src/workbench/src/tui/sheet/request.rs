//! What a contact sheet consists of: its crops, what is asked for, and what has been composed.

use std::{path::PathBuf, sync::Arc};

use svh_core::{BBox, Film, Window};

use svh_terminal::{Mark, Picture, Region};

/// One crop.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// The film.
    pub film: PathBuf,
    /// What is to be seen in its middle; an empty box stands for the whole film.
    pub focus: BBox,
    /// The boxes over it, pixels of the film.
    pub marks: Vec<Mark>,
    /// A word over its upper corner, where there is no room for the caption; a second line stands over its lower corner.
    pub tag: String,
    /// A few words below it, two lines at most.
    pub caption: String,
    /// Marked for what is done next.
    pub marked: bool,
}

/// The gray part of a sheet: which places of which films at which cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// One a crop.
    pub crops: Vec<Crop>,
    /// Columns and rows of cells of the whole sheet.
    pub cells: (u16, u16),
    /// Pixels of a cell.
    pub pixel: (u16, u16),
    /// Pixels at the foot of each crop that stay black, so that crops below each other are told apart.
    pub gap: u16,
}

/// One crop of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// The film.
    pub film: PathBuf,
    /// The part of it, which may reach over its edge; `None` for the whole film, whose size is known when it is read.
    pub region: Option<Region>,
    /// The cells, counted from the sheet's upper left: left, top, width, height.
    pub place: [u16; 4],
}

/// A sheet that was composed.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was asked for.
    pub request: Request,
    /// The picture, a pixel for a pixel of the request.
    pub picture: Arc<Picture>,
    /// Crops whose films could not be read.
    pub failed: usize,
    /// Nothing more will come.
    pub is_whole: bool,
}

impl Made {
    /// What is shown where the sheet could not be composed: nothing, and that it failed.
    #[must_use]
    pub fn failed(request: Request) -> Self {
        let picture = Arc::new(Picture::new(Film { width: 0, height: 0, pixels: Vec::new() }));
        Self { failed: request.crops.len(), picture, request, is_whole: true }
    }
}

/// How sheets are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Black and white, on crops that are in the windows that suit their films.
    pub window: Window,
    /// The reader's boxes are left out.
    pub no_reader: bool,
    /// The model's boxes are left out.
    pub no_model: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { window: Window::FULL, no_reader: false, no_model: false }
    }
}

/// The contact sheet in memory; there is one on the screen at most.
#[derive(Debug, Default)]
pub struct Sheet {
    /// How it is looked at.
    pub look: Look,
    made: Option<Made>,
    asked: Option<Request>,
}

impl Sheet {
    /// Takes a sheet, if it is the one that was asked for last.
    pub fn take(&mut self, made: Made) {
        if self.asked.as_ref() == Some(&made.request) {
            self.made = Some(made);
        }
    }

    /// What is to be said of the sheet: that it is in the making, or that films could not be read.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        let made = self.made.as_ref().filter(|made| self.asked.as_ref() == Some(&made.request));
        match made {
            Some(made) if !made.is_whole => Some("reading films …".to_owned()),
            Some(made) if made.failed > 0 => Some(format!("{} of {} crops could not be read", made.failed, made.request.crops.len())),
            None if self.asked.is_some() => Some("reading films …".to_owned()),
            _ => None,
        }
    }

    /// Whether this is what was asked for last.
    #[must_use]
    pub fn is_asked(&self, request: &Request) -> bool {
        self.asked.as_ref() == Some(request)
    }

    /// Remembers what was asked for last.
    pub fn ask(&mut self, request: Request) {
        self.asked = Some(request);
    }

    /// The picture of a request, as far as it has come.
    #[must_use]
    pub fn of(&self, request: &Request) -> Option<&Made> {
        self.made.as_ref().filter(|made| made.request == *request)
    }
}
