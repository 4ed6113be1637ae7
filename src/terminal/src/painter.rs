//! The one place where pixels meet the terminal: what is on the screen, what lies ready, and the bytes that lead from one to the other.

use std::collections::VecDeque;

use ratatui::{
    buffer::{Buffer, CellDiffOption},
    layout::Rect,
};

use super::{BaseKey, Pixels, Plan, Protocol, iterm, kitty, pixels::Data, placeholders, sixel};

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
    /// Pictures for placeholders in the memory of the terminal around tmux, the latest last.
    named: VecDeque<Named>,
    /// How many of them there have been.
    names: u8,
}

/// A film with its boxes that placeholders can show.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Named {
    base: BaseKey,
    marks: u64,
    id: u32,
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
        Self {
            protocol,
            sent: VecDeque::new(),
            next_id: MARKS_ID,
            sent_marks: None,
            ready: None,
            on_screen: None,
            named: VecDeque::new(),
            names: 0,
        }
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
            Protocol::Placeholders => self.named.iter().any(|named| named.base == *base),
            Protocol::Iterm | Protocol::Sixel => self.ready.as_ref().is_some_and(|ready| ready.base == *base),
            Protocol::Blocks | Protocol::Off => false,
        }
    }

    /// Whether film and boxes of this plan can be shown at once, so that nothing has to be asked for.
    #[must_use]
    pub fn has_all(&self, plan: &Plan) -> bool {
        let (base, marks) = (plan.base(), plan.marks_key());
        match self.protocol {
            Protocol::Kitty => self.has_film(&base) && (!plan.has_marks() || self.sent_marks == Some((base, marks))),
            Protocol::Placeholders => self.named.iter().any(|named| (named.base, named.marks) == (base, marks)),
            _ => self.ready.as_ref().is_some_and(|ready| ready.base == base && ready.marks == marks),
        }
    }

    /// Prepares the cells of a plan for its picture; false where there is none yet, and the cells are for something else.
    pub fn lay(&self, plan: &Plan, buffer: &mut Buffer) -> bool {
        let (base, marks) = (plan.base(), plan.marks_key());
        if self.protocol == Protocol::Placeholders {
            // Boxes of another state of the same film stay until the new ones are there.
            let of_film = || self.named.iter().rev().filter(|named| named.base == base);
            let Some(named) = of_film().find(|named| named.marks == marks).or_else(|| of_film().next()) else { return false };
            placeholders::fill(named.id, plan.rect, buffer);
            return true;
        }
        let ready = self.has_film(&base);
        for position in plan.rect.positions().filter(|_| ready) {
            if let Some(cell) = buffer.cell_mut(position) {
                cell.set_diff_option(CellDiffOption::Skip);
            }
        }
        ready
    }

    /// Takes a result of the worker. For kitty and for placeholders it is sent to the terminal's memory here.
    pub fn accept(&mut self, pixels: Pixels, out: &mut Vec<u8>) {
        if let Data::Placeholders(png) = &pixels.data {
            if self.protocol == Protocol::Placeholders && pixels.cells.0.max(pixels.cells.1) <= placeholders::LARGEST {
                self.name(&pixels, png, out);
            }
        } else if let Data::Kitty { film, marks } = &pixels.data {
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

    fn name(&mut self, pixels: &Pixels, png: &[u8], out: &mut Vec<u8>) {
        let id = placeholders::id((std::process::id() % 255) as u8, self.names);
        self.names = (self.names + 1) % 240;
        placeholders::send(id, png, pixels.cells, out);
        self.named.push_back(Named { base: pixels.base, marks: pixels.marks, id });
        while self.named.len() > KEPT {
            self.named.pop_front().iter().for_each(|named| placeholders::forget(named.id, out));
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
            // The cells themselves show it.
            Protocol::Placeholders | Protocol::Blocks | Protocol::Off => {}
        }
    }

    fn paint_kitty(&mut self, wanted: Option<&Plan>, out: &mut Vec<u8>) {
        let Some(plan) = wanted else { return self.hide(out) };
        let (base, rect) = (plan.base(), plan.rect);
        // Boxes of another state of the same film stay until the new ones are there; those of another film go at once.
        let marks = self.sent_marks.filter(|(of, _)| *of == base && plan.has_marks()).map(|(_, marks)| marks);
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
            Data::Kitty { .. } | Data::Placeholders(_) => {}
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
        // Another terminal may have been attached, which has none of the pictures.
        self.forget_named(out);
        self.on_screen = None;
    }

    fn forget_named(&mut self, out: &mut Vec<u8>) {
        self.named.drain(..).for_each(|named| placeholders::forget(named.id, out));
    }

    /// What frees the terminal's memory, should the program end all of a sudden.
    #[must_use]
    pub fn farewell(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.protocol {
            Protocol::Kitty => kitty::forget_everything(&mut out),
            _ => self.named.iter().for_each(|named| placeholders::forget(named.id, &mut out)),
        }
        out
    }

    /// Frees everything in the terminal's memory; for the end.
    pub fn forget_all(&mut self, out: &mut Vec<u8>) {
        if self.protocol == Protocol::Kitty {
            self.sent.drain(..).for_each(|(_, id)| kitty::forget(id, out));
            if self.sent_marks.take().is_some() {
                kitty::forget(MARKS_ID, out);
            }
        }
        self.forget_named(out);
        self.on_screen = None;
    }
}
