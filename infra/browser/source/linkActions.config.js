// In place of upstream's viewers on other sites, which could not read what needs a key.
export default {};
