//! The parameter names of the paper's own EfficientNet library, in torchvision's terms, so that its weights can be imported.

use super::Config;

/// torchvision's name for one of that library's; `None` where it is not one of them.
#[must_use]
pub fn torchvision_name(config: &Config, name: &str) -> Option<String> {
    let stages = config.stages();
    if let Some(rest) = name.strip_prefix("_blocks.") {
        let (index, part) = rest.split_once('.')?;
        let mut index: i64 = index.parse().ok()?;
        for (at, stage) in stages.iter().enumerate() {
            if index < stage.layers {
                let part = block_part(part, i64::from(stage.expand != 1))?;
                return Some(format!("features.{}.{index}.block.{part}", at + 1));
            }
            index -= stage.layers;
        }
        return None;
    }
    let head = stages.len() + 1;
    let (layer, field) = name.split_once('.')?;
    match layer {
        "_conv_stem" => Some(format!("features.0.0.{field}")),
        "_bn0" => Some(format!("features.0.1.{field}")),
        "_conv_head" => Some(format!("features.{head}.0.{field}")),
        "_bn1" => Some(format!("features.{head}.1.{field}")),
        "_fc" => Some(format!("classifier.1.{field}")),
        _ => None,
    }
}

/// `shift` is 1 where the block begins by widening.
fn block_part(part: &str, shift: i64) -> Option<String> {
    let (layer, field) = part.split_once('.')?;
    let (depthwise, squeeze, project) = (shift, shift + 1, shift + 2);
    let place = match layer {
        "_expand_conv" if shift == 1 => "0.0".to_owned(),
        "_bn0" if shift == 1 => "0.1".to_owned(),
        "_depthwise_conv" => format!("{depthwise}.0"),
        "_bn1" => format!("{depthwise}.1"),
        "_se_reduce" => format!("{squeeze}.fc1"),
        "_se_expand" => format!("{squeeze}.fc2"),
        "_project_conv" => format!("{project}.0"),
        "_bn2" => format!("{project}.1"),
        _ => return None,
    };
    Some(format!("{place}.{field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_names_lead_to_torchvisions() {
        let b4 = Config::lukemelas(4, 5);
        let name = |text| torchvision_name(&b4, text);
        assert_eq!(name("_conv_stem.weight").as_deref(), Some("features.0.0.weight"));
        assert_eq!(name("_blocks.0._depthwise_conv.weight").as_deref(), Some("features.1.0.block.0.0.weight"));
        assert_eq!(name("_blocks.2._expand_conv.weight").as_deref(), Some("features.2.0.block.0.0.weight"));
        assert_eq!(name("_blocks.31._bn2.running_var").as_deref(), Some("features.7.1.block.3.1.running_var"));
        assert_eq!(name("_blocks.32._bn2.running_var"), None);
        assert_eq!(name("_fc.bias").as_deref(), Some("classifier.1.bias"));
    }
}
