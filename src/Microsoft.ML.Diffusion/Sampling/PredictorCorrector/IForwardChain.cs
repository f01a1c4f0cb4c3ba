using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Which chain of noising steps the predictors of <see cref="PredictorCorrectorSolver"/> turn round.</summary>
/// <remarks>Immutable and thread safe. A new chain is one class and one line in the list of kinds below, under which it is stored in model files.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LevelChain), "levels")]
[JsonDerivedType(typeof(UniformChain), "uniform")]
public interface IForwardChain
{
    /// <summary>The link of the chain that a step of a grid turns round.</summary>
    /// <param name="grid">The grid of the run.</param>
    /// <param name="step">The index of the step, below <see cref="TimeGrid.Steps"/>.</param>
    ForwardLink Link(TimeGrid grid, int step);
}
