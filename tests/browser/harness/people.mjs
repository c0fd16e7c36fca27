// The people of the specs.
const person = (key, name, role) => ({
  key,
  name,
  role,
  email: `${key}@example.org`,
  password: `${key} likes long walks`,
});

export const priya = person("priya", "Priya Nair", "commander");
export const omar = person("omar", "Omar Haddad", "responder");
export const dana = person("dana", "Dana Kim", "responder");
export const grace = person("grace", "Grace Obi", "admin");
export const lena = person("lena", "Lena Vogt", "responder");
export const sam = person("sam", "Sam Ade", "commander");
export const ravi = person("ravi", "Ravi Verma", "responder");
export const carla = person("carla", "Carla Ito", "responder");
export const vera = person("vera", "Vera Quist", "viewer");
