namespace Microsoft.ML.Diffusion;

/// <summary>The names that parameters of attention had in diffusers before 0.17, as many files still have them.</summary>
internal static class ParameterNames
{
    private static readonly (string Old, string Current)[] Parts = [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>The current name of a parameter.</summary>
    public static string ToCurrent(string name)
    {
        if (name.Contains(".attentions.", StringComparison.Ordinal))
            foreach (var (old, current) in Parts)
                name = name.Replace(old, current, StringComparison.Ordinal);
        return name;
    }
}
