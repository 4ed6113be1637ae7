//! The thread that turns plans into bytes. Only the newest wish counts: one that was not begun when the next came is dropped.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, PoisonError},
};

use super::{BaseKey, Plan, Protocol, iterm, kitty, marks::Layer, raster::Gray, sixel};

/// A plan as bytes for one protocol.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// The gray picture they show.
    pub base: BaseKey,
    /// The boxes they show.
    pub marks: u64,
    /// The bytes.
    pub data: Data,
}

/// The bytes of a plan.
#[derive(Clone, Debug)]
pub enum Data {
    /// PNG of the film, absent where the terminal has it already, and of the boxes, absent where there are none.
    Kitty {
        /// The film.
        film: Option<Vec<u8>>,
        /// The boxes.
        marks: Option<Vec<u8>>,
    },
    /// JPEG of both.
    Iterm(Vec<u8>),
    /// Sixels of both.
    Sixel(Vec<u8>),
}

impl Pixels {
    /// Makes the bytes: 20 to 200 ms of work. `None` for protocols without pixels.
    #[must_use]
    pub fn of(plan: &Plan, protocol: Protocol, film_is_there: bool) -> Option<Self> {
        let size = plan.cells().pixels();
        let pen = u32::from(plan.cell.1 / 10).max(2);
        let layer = Layer::draw(&plan.marks, plan.region, size, pen, true);
        let gray = || Gray::of(&plan.picture, plan.region, plan.window, size);
        let data = match protocol {
            Protocol::Kitty => Data::Kitty {
                film: (!film_is_there).then(|| kitty::film_png(&gray())),
                marks: (!plan.marks.is_empty()).then(|| kitty::marks_png(&layer)),
            },
            Protocol::Iterm => Data::Iterm(iterm::jpeg(&gray(), &layer)),
            Protocol::Sixel => Data::Sixel(sixel::encode(&gray(), &layer)),
            Protocol::Blocks | Protocol::Off => return None,
        };
        Some(Self { base: plan.base(), marks: plan.marks_key(), data })
    }
}

struct Wish {
    plan: Plan,
    protocol: Protocol,
    film_is_there: bool,
}

type Slot = Arc<(Mutex<Option<Wish>>, Condvar)>;

/// The way to the thread; it ends with the process.
pub struct Worker {
    slot: Slot,
}

impl Worker {
    /// Starts the thread; `deliver` is called on it with every result.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(deliver: impl Fn(Pixels) + Send + 'static) -> std::io::Result<Self> {
        let slot: Slot = Arc::default();
        let inner = Arc::clone(&slot);
        std::thread::Builder::new().name("pictures".into()).spawn(move || {
            loop {
                let wish = next(&inner);
                // A film that breaks the encoder must not take the other films with it: its blocks stay on the screen.
                let made = catch_unwind(AssertUnwindSafe(|| Pixels::of(&wish.plan, wish.protocol, wish.film_is_there)));
                if let Ok(Some(pixels)) = made {
                    deliver(pixels);
                }
            }
        })?;
        Ok(Self { slot })
    }

    /// Asks for a plan's bytes, in place of any wish that has not been begun.
    pub fn ask(&self, plan: Plan, protocol: Protocol, film_is_there: bool) {
        let (wish, signal) = &*self.slot;
        *wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(Wish { plan, protocol, film_is_there });
        signal.notify_one();
    }
}

fn next(slot: &Slot) -> Wish {
    let (wish, signal) = &**slot;
    let mut guard = wish.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(wish) = guard.take() {
            return wish;
        }
        guard = signal.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}
