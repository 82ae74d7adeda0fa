super::rules! {}
