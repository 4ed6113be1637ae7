//! The one place where pixels meet the terminal: what is on the screen, what lies ready, and the bytes that lead from one to the other.

use std::collections::VecDeque;

use ratatui::layout::Rect;

use super::{BaseKey, Pixels, Plan, Protocol, iterm, kitty, pixels::Data, sixel};

/// Films that stay in a kitty terminal's memory, each a few megabytes there.
const KEPT: usize = 6;

/// The number of the picture that holds the boxes.
const MARKS_ID: u32 = 42_000;

/// Draws plans with one protocol.
#[derive(Debug)]
pub struct Painter {
    protocol: Protocol,
    /// Films in a kitty terminal's memory with their numbers, the latest last.
    sent: VecDeque<(BaseKey, u32)>,
    next_id: u32,
    /// Whether the terminal holds boxes, and which.
    sent_marks: Option<(BaseKey, u64)>,
    /// The latest bytes of iTerm and sixel, which keep nothing themselves.
    ready: Option<Pixels>,
    on_screen: Option<OnScreen>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct OnScreen {
    base: BaseKey,
    marks: Option<u64>,
    rect: Rect,
}

impl Painter {
    /// A painter for a screen that shows no pictures yet.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, sent: VecDeque::new(), next_id: MARKS_ID, sent_marks: None, ready: None, on_screen: None }
    }

    /// The protocol in use.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the film of this plan can be shown at once; the view then leaves its cells alone. Boxes may follow a moment later.
    #[must_use]
    pub fn has_film(&self, base: &BaseKey) -> bool {
        match self.protocol {
            Protocol::Kitty => self.sent.iter().any(|(key, _)| key == base),
            Protocol::Iterm | Protocol::Sixel => self.ready.as_ref().is_some_and(|ready| ready.base == *base),
            Protocol::Blocks | Protocol::Off => false,
        }
    }

    /// Whether film and boxes of this plan can be shown at once, so that nothing has to be asked for.
    #[must_use]
    pub fn has_all(&self, plan: &Plan) -> bool {
        let (base, marks) = (plan.base(), plan.marks_key());
        match self.protocol {
            Protocol::Kitty => self.has_film(&base) && (plan.marks.is_empty() || self.sent_marks == Some((base, marks))),
            _ => self.ready.as_ref().is_some_and(|ready| ready.base == base && ready.marks == marks),
        }
    }

    /// Takes a result of the worker. In kitty it is sent to the terminal's memory here.
    pub fn accept(&mut self, pixels: Pixels, out: &mut Vec<u8>) {
        if let Data::Kitty { film, marks } = &pixels.data {
            if let Some(film) = film.as_ref().filter(|_| !self.has_film(&pixels.base)) {
                self.next_id += 1;
                kitty::send(self.next_id, film, out);
                self.sent.push_back((pixels.base, self.next_id));
            }
            if let Some(marks) = marks {
                kitty::send(MARKS_ID, marks, out);
                self.sent_marks = Some((pixels.base, pixels.marks));
            }
            self.forget_oldest(out);
        } else {
            self.ready = Some(pixels);
        }
    }

    fn forget_oldest(&mut self, out: &mut Vec<u8>) {
        while self.sent.len() > KEPT {
            if let Some((base, id)) = self.sent.pop_front() {
                kitty::forget(id, out);
                self.on_screen = self.on_screen.filter(|shown| shown.base != base);
            }
        }
    }

    /// Leads the screen to what a frame wants; call it after the frame's cells have been written.
    pub fn paint(&mut self, wanted: Option<&Plan>, out: &mut Vec<u8>) {
        let wanted = wanted.filter(|plan| self.has_film(&plan.base()));
        match self.protocol {
            Protocol::Kitty => self.paint_kitty(wanted, out),
            Protocol::Iterm | Protocol::Sixel => self.paint_again(wanted, out),
            Protocol::Blocks | Protocol::Off => {}
        }
    }

    fn paint_kitty(&mut self, wanted: Option<&Plan>, out: &mut Vec<u8>) {
        let Some(plan) = wanted else { return self.hide(out) };
        let (base, rect) = (plan.base(), plan.rect);
        // Boxes of another state of the same film stay until the new ones are there; those of another film go at once.
        let marks = self.sent_marks.filter(|(of, _)| *of == base && !plan.marks.is_empty()).map(|(_, marks)| marks);
        let target = OnScreen { base, marks, rect };
        if self.on_screen == Some(target) {
            return;
        }
        let (place, cells) = ((rect.x, rect.y), (rect.width, rect.height));
        let same_film = self.on_screen.is_some_and(|shown| shown.base == base && shown.rect == rect);
        if !same_film {
            self.hide(out);
            if let Some((_, id)) = self.sent.iter().find(|(key, _)| *key == base) {
                kitty::show(*id, place, cells, 0, out);
            }
        }
        match marks {
            Some(_) => kitty::show(MARKS_ID, place, cells, 1, out),
            None if same_film => kitty::hide(MARKS_ID, out),
            None => {}
        }
        self.on_screen = Some(target);
    }

    /// iTerm and sixel pictures lie in the cells: ratatui erases them by rewriting the cells.
    fn paint_again(&mut self, wanted: Option<&Plan>, out: &mut Vec<u8>) {
        let (Some(plan), Some(ready)) = (wanted, &self.ready) else {
            self.on_screen = None;
            return;
        };
        let target = OnScreen { base: ready.base, marks: Some(ready.marks), rect: plan.rect };
        if self.on_screen == Some(target) {
            return;
        }
        let place = (plan.rect.x, plan.rect.y);
        match &ready.data {
            Data::Iterm(file) => iterm::show(file, place, (plan.rect.width, plan.rect.height), out),
            Data::Sixel(encoded) => sixel::show(encoded, place, out),
            Data::Kitty { .. } => {}
        }
        self.on_screen = Some(target);
    }

    fn hide(&mut self, out: &mut Vec<u8>) {
        let Some(shown) = self.on_screen.take() else { return };
        if let Some((_, id)) = self.sent.iter().find(|(key, _)| *key == shown.base) {
            kitty::hide(*id, out);
        }
        if shown.marks.is_some() {
            kitty::hide(MARKS_ID, out);
        }
    }

    /// The screen was cleared, by a change of its size or on demand.
    pub fn cleared(&mut self, out: &mut Vec<u8>) {
        if self.protocol == Protocol::Kitty {
            self.hide(out);
        }
        self.on_screen = None;
    }

    /// Frees everything in the terminal's memory; for the end.
    pub fn forget_all(&mut self, out: &mut Vec<u8>) {
        if self.protocol == Protocol::Kitty {
            self.sent.drain(..).for_each(|(_, id)| kitty::forget(id, out));
            if self.sent_marks.take().is_some() {
                kitty::forget(MARKS_ID, out);
            }
        }
        self.on_screen = None;
    }
}
