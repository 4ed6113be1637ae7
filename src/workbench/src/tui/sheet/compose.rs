//! Composing the gray picture of a contact sheet: every film is read once, its crops are kept for the next sheet.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Sender},
    time::{Duration, Instant},
};

use svh_core::Film;

use super::request::{Crop, Made, Request};
use crate::tui::{
    event::Event,
    worker::{INTERNAL, Queue, Work},
};
use svh_terminal::{Picture, Region, raster::Gray};

/// Crops that are kept; one takes some ten kilobytes.
const KEPT: usize = 2000;
/// A sheet in the making is shown no more often, as each one is sent to the terminal.
const PACE: Duration = Duration::from_millis(600);

/// What distinguishes crops: film, bits of the region (`None`: the whole film), size in pixels.
type Key = (PathBuf, Option<[u32; 4]>, (u32, u32));

/// Composes sheets and keeps their crops.
#[derive(Default)]
pub struct Composer {
    /// The crops; `None` for those whose film could not be read.
    crops: HashMap<Key, Option<Arc<Gray>>>,
}

fn key(crop: &Crop, request: &Request) -> Key {
    let pixel = request.pixel;
    let side = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
    let size = (side(crop.place[2], pixel.0), side(crop.place[3], pixel.1).saturating_sub(u32::from(request.gap)));
    (crop.film.clone(), crop.region.map(|region| region.map(f32::to_bits)), size)
}

/// A whole film in the middle of a crop of this size.
fn whole((width, height): (u32, u32), (wide, high): (u32, u32)) -> Region {
    let (width, height, shape) = (width as f32, height as f32, wide.max(1) as f32 / high.max(1) as f32);
    let high = height.max(width / shape);
    let wide = high * shape;
    [(width - wide) / 2.0, (height - high) / 2.0, (width + wide) / 2.0, (height + high) / 2.0]
}

impl Composer {
    /// Composes a sheet; hands on what there is now and then, and at the end. `newer`: this sheet is no longer wanted.
    pub fn compose(&mut self, request: &Request, newer: impl Fn() -> bool, mut deliver: impl FnMut(Made)) {
        let keys: Vec<Key> = request.crops.iter().map(|crop| key(crop, request)).collect();
        if self.crops.len() > KEPT {
            self.crops.retain(|key, _| keys.contains(key));
        }
        let mut shown = Instant::now();
        for place in 0..keys.len() {
            if self.crops.contains_key(&keys[place]) {
                continue;
            }
            if newer() {
                return;
            }
            self.read(request, &keys, &keys[place].0.clone());
            if shown.elapsed() >= PACE {
                deliver(self.made(request, &keys, false));
                shown = Instant::now();
            }
        }
        deliver(self.made(request, &keys, true));
    }

    /// Reads a film and cuts all crops of it that the sheet wants.
    fn read(&mut self, request: &Request, keys: &[Key], film: &Path) {
        let picture = Film::open(film).ok().map(Picture::new);
        for (crop, key) in request.crops.iter().zip(keys).filter(|(crop, _)| crop.film == film) {
            let gray = picture.as_ref().map(|picture| {
                let region = crop.region.unwrap_or_else(|| whole(picture.size(), key.2));
                Arc::new(Gray::of(picture, region, picture.auto_window(), key.2))
            });
            self.crops.insert(key.clone(), gray);
        }
    }

    fn made(&self, request: &Request, keys: &[Key], is_whole: bool) -> Made {
        let (width, height) =
            (u32::from(request.cells.0) * u32::from(request.pixel.0), u32::from(request.cells.1) * u32::from(request.pixel.1));
        let mut pixels = vec![0; width as usize * height as usize];
        for (crop, key) in request.crops.iter().zip(keys) {
            let Some(Some(gray)) = self.crops.get(key) else { continue };
            let (left, top) =
                (u32::from(crop.place[0]) * u32::from(request.pixel.0), u32::from(crop.place[1]) * u32::from(request.pixel.1));
            for (row, line) in gray.pixels.chunks_exact(gray.width.max(1) as usize).enumerate() {
                let start = (top as usize + row) * width as usize + left as usize;
                if let Some(target) = pixels.get_mut(start..start + line.len()) {
                    target.copy_from_slice(line);
                }
            }
        }
        let failed = keys.iter().filter(|key| matches!(self.crops.get(*key), Some(None))).count();
        // A sheet without cells has no picture, and nobody asks for one.
        let film = Film::from_gray8(width, height, &pixels).unwrap_or(Film { width: 0, height: 0, pixels: Vec::new() });
        Made { request: request.clone(), picture: Arc::new(Picture::new(film)), failed, is_whole }
    }
}

/// Composes the newest sheet that was asked for.
pub struct Sheets {
    composer: Composer,
    events: Sender<Event>,
}

impl Sheets {
    /// Without crops yet.
    #[must_use]
    pub fn new(events: Sender<Event>) -> Self {
        Self { composer: Composer::default(), events }
    }
}

impl Work for Sheets {
    type Job = Request;

    fn replaces(_: &Request, _: &Request) -> bool {
        true
    }

    fn work(&mut self, request: &Request, queue: &Queue<Request>) {
        let events = &self.events;
        self.composer.compose(request, || queue.is_waiting(), |made| drop(events.send(Event::Sheet(Box::new(made)))));
    }

    fn panicked(&mut self, request: Request) {
        // An empty sheet in its place, so that nobody keeps waiting.
        self.composer = Composer::default();
        let _ = self.events.send(Event::Sheet(Box::new(Made::failed(request))));
        let _ = self.events.send(Event::Internal(format!("the crops could not be drawn: {INTERNAL}")));
    }
}
