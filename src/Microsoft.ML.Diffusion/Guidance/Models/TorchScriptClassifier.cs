using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A classifier in a TorchScript file, as <c>torch.jit.save</c> writes it. The file is saved with the pipeline.</summary>
/// <remarks>
/// <para>
/// The module's <c>forward(x, level)</c> takes noisy data x [B, ...] in variance-preserving form, x/√(α² + σ²) in model space, and level [B], the number that the level input says, both Float32, and
/// answers with logits or log-probabilities [B, classes], each row from that row alone: guided-diffusion's classifiers take the timestep, <c>new ScheduleTimeInput(schedule, factor: 999)</c>. It runs as
/// in evaluation, and its weights stay as they are.
/// </para>
/// <para>A TorchScript file is a program. This one is checked before libtorch sees it: its code may use operators that compute on tensors, and nothing else. A model that holds one is loaded where the program
/// allows it (<see cref="TorchScriptConsent"/>). Thread safe.</para>
/// </remarks>
public sealed class TorchScriptClassifier : IClassifier, IDisposable, IJsonOnDeserialized
{
    private readonly TorchScriptFunction _function;

    /// <summary>A classifier of a file's content.</summary>
    /// <param name="module">The content of the file.</param>
    /// <param name="classes">The number of classes; at least 2.</param>
    /// <param name="levelInput">What the module is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
    /// <param name="labels">What the classes are, in their order, so that columns can name them by value; null where that is not known.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute; or there are more or fewer labels than classes.</exception>
    public TorchScriptClassifier(ReadOnlyMemory<byte> module, int classes, LevelInput? levelInput = null, Vocabulary? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        Labels = ClassLabels.Check(labels, classes);
        _function = new TorchScriptFunction(module);
        Module = module;
        Classes = classes;
        LevelInput = levelInput ?? KnownLevelInputs.LogRatio;
    }

    /// <summary>The content of the file.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public Vocabulary? Labels { get; }

    /// <summary>What the module is told about the noise level.</summary>
    public LevelInput LevelInput { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file that <c>torch.jit.save</c> wrote.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="levelInput">What the module is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
    /// <param name="labels">What the classes are, in their order, so that columns can name them by value; null where that is not known.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute; or there are more or fewer labels than classes.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static TorchScriptClassifier FromFile(string path, int classes, LevelInput? levelInput = null, Vocabulary? labels = null)
        => TorchScriptFile.Read(path, module => new TorchScriptClassifier(module, classes, levelInput, labels));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The module can not be called so, or does not answer with [B, <see cref="Classes"/>].</exception>
    public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(levels);
        using var scaled = levels.Multiply(x, level => 1 / Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma));
        using var level = tensor(LevelInput.OfRows(levels, (int)x.size(0)), device: x.device);
        using var logits = _function.Call(scaled, level);
        if (logits.dim() != 2 || logits.size(0) != x.size(0) || logits.size(1) != Classes)
            throw new ArgumentException($"The TorchScript module answers with [{string.Join(", ", logits.shape)}]; expected a number for each of {Classes} classes, [{x.size(0)}, {Classes}].", nameof(x));
        return nn.functional.log_softmax(logits, 1);
    }

    IEnumerable<TorchScriptFunction> IClassifier.Scripts => [_function];

    /// <summary>Frees libtorch's copies of the module, unless a pipeline holds them: that frees them when it is disposed. A later call makes them anew.</summary>
    public void Dispose() => _function.Dispose();

    void IJsonOnDeserialized.OnDeserialized() => TorchScriptConsent.RequireForModel("a classifier");
}
