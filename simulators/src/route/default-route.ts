import { Route } from './route.js';

/** A loop of some 14 km through the middle of Shanghai, unless another route is given. */
export const DEFAULT_ROUTE = new Route(
  [
    [121.4737, 31.2304],
    [121.4816, 31.2389],
    [121.4903, 31.2411],
    [121.4998, 31.2397],
    [121.5085, 31.2339],
    [121.5107, 31.2251],
    [121.5049, 31.2163],
    [121.4932, 31.2098],
    [121.4801, 31.2076],
    [121.4672, 31.2101],
    [121.4601, 31.2187],
    [121.4642, 31.2271],
    [121.4737, 31.2304],
  ].map(([lon = 0, lat = 0]) => ({ lon, lat })),
);
