// Package syntax finds, in a script that is about to be given to the engine,
// what the engine cannot run or would run wrongly.
//
// Its words:
//
//   - Finding: one construct at one place, and what is wrong with it.
//   - Construct: the name of a language feature as people look it up.
//
// It uses the engine's parser and knows what its compiler does with regular
// expressions, but it must never start a VM, and it knows nothing of plugins,
// packages or source maps: places are those in the script that it was given.
package syntax
