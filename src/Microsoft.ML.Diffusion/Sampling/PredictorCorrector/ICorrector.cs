using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Steps of a Markov chain at one level, which bring the state nearer to the level's distribution: the corrector of Song et al. 2021
/// (arXiv:2011.13456, algorithm 1).
/// </summary>
/// <remarks>Immutable and thread safe. A new corrector is one class and one line in the list of kinds below, under which it is stored in model files.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LangevinCorrector), "langevin")]
[JsonDerivedType(typeof(AnnealedLangevinCorrector), "annealed-langevin")]
public interface ICorrector
{
    /// <summary>Whether a row's state depends on the rows beside it (<see cref="ISampler.MixesRows"/>). False unless a corrector says otherwise.</summary>
    bool MixesRows => false;

    /// <summary>The state after the chain's steps.</summary>
    /// <param name="step">The step of the run whose level it is.</param>
    /// <param name="x">The state.</param>
    LinearExpression Correct(PredictorCorrectorStep step, LinearExpression x);
}
