import { jest } from "@jest/globals";

// All nine stacks up take about a minute on two cores that other tests share; a test of this folder may do it twice.
jest.setTimeout(10 * 60_000);
