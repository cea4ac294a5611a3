// The services over stations, as people know them.
export const SERVICES = {
  cadip: 'CADIP: downlink sessions',
  auxip: 'AUXIP: auxiliary files',
  prip: 'PRIP: fresh products',
  lta: 'LTA: archives'
};
