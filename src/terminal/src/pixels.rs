//! Plans as bytes for the protocols that paint pixels.

use super::{BaseKey, Plan, Protocol, iterm, kitty, sixel};

/// A plan as bytes for one protocol.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// The gray picture they show.
    pub base: BaseKey,
    /// The boxes they show.
    pub marks: u64,
    /// The cells they fill.
    pub cells: (u16, u16),
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
    /// PNG of both, to be shown by placeholders.
    Placeholders(Vec<u8>),
    /// JPEG of both.
    Iterm(Vec<u8>),
    /// Sixels of both.
    Sixel(Vec<u8>),
}

impl Pixels {
    /// Makes the bytes: 20 to 200 ms of work. `None` for protocols without pixels.
    #[must_use]
    pub fn of(plan: &Plan, protocol: Protocol, film_is_there: bool) -> Option<Self> {
        let pen = u32::from(plan.cell.1 / 10).max(2);
        let layer = plan.layer(pen, true);
        let gray = || plan.gray();
        let data = match protocol {
            Protocol::Kitty => Data::Kitty {
                film: (!film_is_there).then(|| kitty::film_png(&gray())),
                marks: plan.has_marks().then(|| kitty::marks_png(&layer)),
            },
            Protocol::Placeholders => Data::Placeholders(kitty::burnt_png(&gray(), &layer)),
            Protocol::Iterm => Data::Iterm(iterm::jpeg(&gray(), &layer)),
            Protocol::Sixel => Data::Sixel(sixel::encode(&gray(), &layer)),
            Protocol::Blocks | Protocol::Off => return None,
        };
        Some(Self { base: plan.base(), marks: plan.marks_key(), cells: (plan.rect.width, plan.rect.height), data })
    }
}
