//! Which lines of a text changed: those outside a longest common subsequence.

/// More pairs of lines than this are not compared one by one: all between the common beginning and
/// the common end then counts as changed.
const MOST_PAIRS: usize = 1 << 20;

/// The changed lines in order: `- recorded`, `+ now`. Line ends count.
pub(crate) fn changed(recorded: &str, now: &str) -> Vec<String> {
    let left: Vec<&str> = recorded.split_inclusive('\n').collect();
    let right: Vec<&str> = now.split_inclusive('\n').collect();
    let first = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[first..], &right[first..]);
    let ends = left.iter().rev().zip(right.iter().rev());
    let last = ends.take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - last], &right[..right.len() - last]);
    walk(left, right)
}

fn walk(left: &[&str], right: &[&str]) -> Vec<String> {
    let compared = left.len().saturating_mul(right.len()) <= MOST_PAIRS;
    let common = if compared { lengths(left, right) } else { Vec::new() };
    let length = |i: usize, j: usize| common.get(i * (right.len() + 1) + j).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < left.len() || j < right.len() {
        if compared && i < left.len() && j < right.len() && left[i] == right[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < left.len() && (j == right.len() || length(i + 1, j) >= length(i, j + 1)) {
            lines.push(marked('-', left[i]));
            i += 1;
        } else {
            lines.push(marked('+', right[j]));
            j += 1;
        }
    }
    lines
}

/// At `i * (right.len() + 1) + j`, how many lines `left[i..]` and `right[j..]` have in common.
fn lengths(left: &[&str], right: &[&str]) -> Vec<u32> {
    let width = right.len() + 1;
    let mut common = vec![0; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i * width + j] = if left[i] == right[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    common
}

fn marked(mark: char, line: &str) -> String {
    format!("{mark} {}", line.strip_suffix('\n').unwrap_or(line))
}
