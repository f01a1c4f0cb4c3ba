namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Adds nothing.</summary>
internal sealed class NoMap : RowMap
{
    private NoMap()
    {
    }

    public static NoMap Instance { get; } = new();

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs => [];

    public override IEnumerable<int> InputsOf(int output) => [];

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new ArgumentOutOfRangeException(nameof(output));
}
