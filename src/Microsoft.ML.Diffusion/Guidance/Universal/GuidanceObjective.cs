using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What a sample is wanted to be: a differentiable number of each row's clean data, the larger the more wanted. It is read as ln p(y | x0), up to a constant: minus the
/// loss ℓ(y, f(x0)) of universal guidance (Bansal et al. 2023, arXiv:2302.07121, eq. 5).
/// </summary>
/// <remarks>
/// Immutable and thread safe; holds shares of its networks, which whoever made it gives back. A row that misses one of the targets is not guided.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DelegateObjective), "delegate")]
[JsonDerivedType(typeof(TorchScriptObjective), "torchscript")]
[JsonDerivedType(typeof(MaskedPictureObjective), "match-under-mask")]
[JsonDerivedType(typeof(LowResolutionObjective), "match-low-resolution")]
[JsonDerivedType(typeof(MeanColorObjective), "match-mean-color")]
[JsonDerivedType(typeof(FeatureObjective), "match-features")]
[JsonDerivedType(typeof(ClassObjective), "class")]
public abstract class GuidanceObjective
{
    /// <summary>What errors call its value.</summary>
    internal const string Called = "The value of the objective";

    /// <summary>The networks that it asks, each as often as it holds a share.</summary>
    [JsonIgnore]
    public virtual IEnumerable<TrainedNetwork> Networks => [];

    /// <summary>The TorchScript that it calls.</summary>
    [JsonIgnore]
    internal virtual IEnumerable<TorchScriptFunction> Scripts => [];

    /// <summary>An objective in code. It can not be saved: what is to be saved is a <see cref="TorchScriptObjective"/>, or one of <see cref="KnownGuidanceObjectives"/>.</summary>
    /// <param name="logLikelihood">
    /// From x0 [B, ...], in model space, to a fresh tensor [B], the larger the more wanted, by differentiable operations, each row from that row alone. It may be called by several threads.
    /// </param>
    public static GuidanceObjective From(Func<Tensor, Tensor> logLikelihood)
    {
        ArgumentNullException.ThrowIfNull(logLikelihood);
        return new DelegateObjective((x0, _) => logLikelihood(x0), []);
    }

    /// <summary>An objective in code with targets of each row. It can not be saved, as <see cref="From(Func{Tensor, Tensor})"/>.</summary>
    /// <param name="logLikelihood">As there; its second argument are the targets, [B, size] each, in the order of <paramref name="targets"/>.</param>
    /// <param name="targets">What rows give it, each under a name of its own: in a pipeline that of its column.</param>
    public static GuidanceObjective From(Func<Tensor, IReadOnlyList<Tensor>, Tensor> logLikelihood, params IReadOnlyList<GuidanceInput> targets)
    {
        ArgumentNullException.ThrowIfNull(logLikelihood);
        ArgumentNullException.ThrowIfNull(targets);
        return new DelegateObjective(logLikelihood, [.. targets]);
    }

    /// <summary>The names of the targets that each row gives: in a pipeline, of columns.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> TargetNames => [];

    /// <summary>Refuses a target without a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="parameter">What is named: the parameter that gives it.</param>
    private protected static string CheckName(string name, string parameter)
        => !string.IsNullOrEmpty(name) ? name : throw new ArgumentException($"The {parameter} needs a name.", parameter);

    /// <summary>What the targets are, in the order of <see cref="TargetNames"/>.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">The objective has no meaning for samples of the shape; says why.</exception>
    public virtual IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => [];

    /// <summary>Refuses a model that the objective has no meaning for.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">Says why.</exception>
    public virtual void Check(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _ = TargetsFor(shape);
        if (TargetNames.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } names)
            throw new ArgumentException($"Two targets of the objective have the name '{names.Key}'; each needs one of its own.", nameof(shape));
        if (Networks.FirstOrDefault(network => !network.Shape.Equals(shape)) is { } other)
            throw new ArgumentException($"The objective's network was trained on samples {other.Shape}, but the model makes samples {shape}.", nameof(shape));
    }

    /// <summary>The value of each row.</summary>
    /// <param name="x0">Clean data [B, ...] in model space.</param>
    /// <param name="condition">The condition of each row, with the targets.</param>
    /// <param name="firstSlot">The slot of the first target in <see cref="Conditioning.Layout"/>; the others follow.</param>
    /// <returns>[B], a fresh tensor through which gradients flow to x0 where they are recorded; 0, without a gradient, where a row misses a target.</returns>
    /// <exception cref="ArgumentException">The layout has other slots there.</exception>
    /// <exception cref="InvalidOperationException">The objective gives another shape than [B].</exception>
    public Tensor LogLikelihood(Tensor x0, Conditioning condition, int firstSlot)
    {
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(condition);
        using var targets = new ObjectiveTargets(TargetsFor(new DataShape([.. x0.shape[1..].Select(size => checked((int)size))])), condition, firstSlot, x0);
        if (targets.AreMissing)
            return x0.flatten(1).sum(1).TimesInPlace(0);
        var value = Evaluate(x0, targets.Values);
        if (targets.Present is not { } present)
            return value;
        using (value)
        {
            if (value.dim() != 1 || value.size(0) != x0.size(0))
                throw new InvalidOperationException($"{Called} must be one number for each of the {x0.size(0)} rows, a tensor [{x0.size(0)}], got [{string.Join(", ", value.shape)}].");
            using var none = zeros_like(value);
            return where(present, value, none);
        }
    }

    /// <summary>The value of each row.</summary>
    /// <param name="x0">Clean data [B, ...] in model space.</param>
    /// <param name="targets">The targets, [B, size] each, of the type of x0, in the order of <see cref="TargetsFor"/>; zeros in rows that miss one, whose value does not count.</param>
    /// <returns>[B], a fresh tensor, by differentiable operations, each row from that row alone.</returns>
    protected abstract Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets);
}
