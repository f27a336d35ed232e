//! A list of at most so many items, which is added to without a branch.

pub(super) struct List<T, const N: usize> {
    items: [T; N],
    length: usize,
}

impl<T: Copy + Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self {
            items: [T::default(); N],
            length: 0,
        }
    }
}

impl<T: Copy, const N: usize> List<T, N> {
    /// Adds the item if it is wanted, and if there is space.
    #[inline(always)]
    pub(super) fn put_if(&mut self, wanted: bool, item: T) {
        if let Some(next) = self.items.get_mut(self.length) {
            *next = item;
            self.length += usize::from(wanted);
        }
    }

    /// Keeps the items for which `keep` is true.
    #[inline(always)]
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for at in 0..self.length.min(N) {
            let mut item = self.items[at];
            let keep = keep(&mut item);
            self.items[kept] = item;
            kept += usize::from(keep);
        }
        self.length = kept;
    }

    /// The items, of which none is left afterwards.
    #[inline(always)]
    pub(super) fn drain(&mut self) -> &[T] {
        &self.items[..std::mem::take(&mut self.length)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_kept_in_order() {
        let mut list = List::<u8, 4>::default();
        (0..9).for_each(|n| list.put_if(n % 2 == 1, n));
        list.retain(|n| {
            *n += 10;
            *n != 13
        });
        assert_eq!(list.drain(), [11, 15, 17]);
        assert_eq!(list.drain(), []);
    }
}
