using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>An objective in a TorchScript file, as <c>torch.jit.save</c> writes it, which is saved with the pipeline.</summary>
/// <remarks>
/// <para>
/// The module's <c>forward(x0, target, ...)</c> takes clean data x0 [B, ...] in model space and then each target [B, size], all Float32, and answers with [B], Float32: the larger the more wanted,
/// by differentiable operations, each row from that row alone. Data and masks come as in <see cref="GuidanceInput"/>. A row that misses a target gives zeros, and is not guided.
/// It runs as in evaluation, and its weights stay as they are.
/// </para>
/// <para>
/// Errors of the module are found in a trial with zeros before anything is sampled. A TorchScript file is a program. This one is checked before libtorch sees it: its code may use operators that compute on tensors, and nothing else. A model that holds one is loaded where the program
/// allows it (<see cref="TorchScriptConsent"/>). Thread safe.
/// </para>
/// </remarks>
public sealed class TorchScriptObjective : GuidanceObjective, IDisposable, IJsonOnDeserialized
{
    // Two rows, so that one number for the whole batch is seen for what it is.
    private const int TrialRows = 2;

    private readonly TorchScriptFunction _function;

    /// <summary>An objective of a file's content.</summary>
    /// <param name="module">The content of the file.</param>
    /// <param name="targets">What rows give forward after x0, each under a name of its own: in a pipeline that of its column. None unless given.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    public TorchScriptObjective(ReadOnlyMemory<byte> module, IReadOnlyList<GuidanceInput>? targets = null)
    {
        _function = new TorchScriptFunction(module);
        Module = module;
        Targets = [.. targets ?? []];
    }

    /// <summary>The content of the file.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <summary>What rows give forward after x0.</summary>
    public IReadOnlyList<GuidanceInput> Targets { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file that <c>torch.jit.save</c> wrote.</param>
    /// <param name="targets">What rows give forward after x0.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static TorchScriptObjective FromFile(string path, IReadOnlyList<GuidanceInput>? targets = null)
        => TorchScriptFile.Read(path, module => new TorchScriptObjective(module, targets));

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [.. Targets.Select(target => target.Name)];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => Targets;

    /// <inheritdoc/>
    internal override IEnumerable<TorchScriptFunction> Scripts => [_function];

    /// <inheritdoc/>
    public override void Check(DataShape shape)
    {
        base.Check(shape);
        using var on = enable_grad();
        using var x0 = zeros(shape.Batch(TrialRows)).requires_grad_();
        Tensor[] targets = [.. Targets.Select(target => zeros(TrialRows, target.Size))];
        try
        {
            using var value = Evaluate(x0, targets);
            if (value.dim() != 1 || value.size(0) != TrialRows)
                throw new ArgumentException($"The TorchScript module answers {TrialRows} rows with a tensor [{string.Join(", ", value.shape)}]; an objective gives a number for each row, [{TrialRows}].", nameof(shape));
            if (!value.requires_grad)
                throw new ArgumentException("The answer of the TorchScript module does not depend on x0 by differentiable operations, so that it has no gradient to guide by.", nameof(shape));
        }
        finally
        {
            foreach (var target in targets)
                target.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets) => _function.Call([x0, .. targets]);

    /// <summary>Frees libtorch's copies of the module, unless a pipeline holds them: that frees them when it is disposed. A later call makes them anew.</summary>
    public void Dispose() => _function.Dispose();

    void IJsonOnDeserialized.OnDeserialized() => TorchScriptConsent.RequireForModel("an objective");
}
