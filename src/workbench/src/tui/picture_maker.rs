//! Turning plans into the bytes of a protocol of pixels; only the newest plan counts.

use std::sync::mpsc::Sender;

use svh_terminal::{Pixels, Plan, Protocol};

use super::{
    event::Event,
    worker::{INTERNAL, Queue, Work},
};

/// A plan to be turned into bytes.
pub struct PictureRequest {
    /// The plan.
    pub plan: Plan,
    /// For which terminal.
    pub protocol: Protocol,
    /// The terminal has the film already.
    pub film_is_there: bool,
}

/// Makes the bytes.
pub struct PictureMaker {
    /// Where they go.
    pub events: Sender<Event>,
}

impl Work for PictureMaker {
    type Job = PictureRequest;

    fn replaces(_: &PictureRequest, _: &PictureRequest) -> bool {
        true
    }

    fn work(&mut self, request: &PictureRequest, _: &Queue<PictureRequest>) {
        if let Some(pixels) = Pixels::of(&request.plan, request.protocol, request.film_is_there) {
            let _ = self.events.send(Event::Pixels(pixels));
        }
    }

    fn panicked(&mut self, _: PictureRequest) {
        // The film stays on the screen in blocks.
        let _ = self.events.send(Event::Internal(format!("the film could not be painted: {INTERNAL}")));
    }
}
