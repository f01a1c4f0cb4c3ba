using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What an optimizer works on.</summary>
/// <param name="Parameters">The flat parameters [N], Float32, updated in place.</param>
/// <param name="Gradients">The flat gradients [N] of the mean loss, Float32.</param>
/// <param name="WeightDecay">How much of each parameter decays per step, in units of the learning rate.</param>
/// <param name="Rows">The number of rows of training data.</param>
/// <param name="Seed">The seed of the run.</param>
internal readonly record struct OptimizerTask(Tensor Parameters, Tensor Gradients, double WeightDecay, long Rows, ulong Seed);
