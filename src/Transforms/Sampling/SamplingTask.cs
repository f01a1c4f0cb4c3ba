using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// What is done with a trained denoiser, row by row: a new one is one class, one line in the list of kinds below, under which it is stored in model files,
/// and one in the catalogue.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SampleTask), "sample")]
[JsonDerivedType(typeof(InvertTask), "invert")]
[JsonDerivedType(typeof(InterpolateTask), "interpolate")]
[JsonDerivedType(typeof(ImageToImageTask), "image-to-image")]
[JsonDerivedType(typeof(InpaintTask), "inpaint")]
[JsonDerivedType(typeof(DenoiseFromTask), "denoise-from")]
internal abstract record SamplingTask
{
    /// <summary>The columns that it reads beside the denoiser.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<RowInput> Inputs { get; }

    /// <summary>Checks what needs no model.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the task.</exception>
    public virtual void Check(SamplingSettings settings) => SolverOf(settings);

    /// <summary>Works out all that does not depend on rows.</summary>
    /// <param name="settings">The checked options.</param>
    /// <param name="schedule">The schedule of the model.</param>
    /// <exception cref="ArgumentException">The settings do not fit the model.</exception>
    public abstract RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule);

    /// <summary>The solver whose plan is edited.</summary>
    /// <exception cref="ArgumentException">The sampler is no solver.</exception>
    private protected ISolver SolverOf(SamplingSettings settings) => settings.Solver as ISolver
        ?? throw new ArgumentException($"{GetType().Name.Replace("Task", "", StringComparison.Ordinal)} edits the plan of a solver, but the option {nameof(SamplingOptions.Solver)} is a {settings.Solver.GetType().Name}, which has no plan: choose one of {nameof(KnownSolvers)}.");
}
